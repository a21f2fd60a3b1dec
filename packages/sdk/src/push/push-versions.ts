import { formatSpec, TrackwayError, type Digest, type Tag, type VersionRecord } from '@trackway/protocol'
import { readRecord } from '../version/stored-version.ts'
import { withMeter, type Meter } from '../calls/meter.ts'
import type { ProgressListener } from '../progress/progress.ts'
import { isSameArtifact, type ArtifactScope } from './artifact-scope.ts'
import type { CopiedVersion } from './copy-version.ts'
import { findCopy } from './find-copy.ts'
import { commitIdOf, provenanceOf, type Provenance } from './origin.ts'
import { listWithDeleted, targetVersion, type TargetVersion } from './target-versions.ts'
import { transferVersion } from './transfer-version.ts'

/** The result of pushing a version. */
export interface PushResult {
  /** The version that was pushed. */
  sourceTag: Tag
  /** Its version at the target. */
  tag: Tag
  /** The digest of the version, the same on both sides. */
  digest: Digest
  /** False if the target already had it. Two simultaneous pushes of the same version may both report true. */
  created: boolean
  /** Whether the target had it and somebody deleted it there: then it stays deleted. */
  deleted: boolean
  /** How many entries it has. */
  fileCount: number
  /** The size of all entries together in bytes. */
  size: number
  /** Bytes that were sent. */
  uploadedBytes: number
  /** Bytes that did not have to be sent, since the target has them or they occur more than once. */
  reusedBytes: number
}

/** @internal */
export interface Push {
  source: ArtifactScope
  target: ArtifactScope
  /** What is pushed, the oldest first. */
  records: readonly VersionRecord[]
  concurrency: number
  onProgress?: ProgressListener | undefined
  quiet: boolean
  signal?: AbortSignal | undefined
}

/**
 * Copies versions of an artifact to a target, one after the other. Those that it already has are left as they
 * are.
 *
 * @internal
 */
export async function pushVersions(push: Push): Promise<PushResult[]> {
  const { source, target, records, onProgress, quiet, signal } = push
  const label = `Pushing ${formatSpec(specOf(source, records))}`
  if (isSameArtifact(source, target)) throw goesNowhere(label)
  const list = () => listWithDeleted(target, attemptAt(push, label), signal)
  let there = await list()
  const total = { files: sum(records, 'fileCount'), bytes: sum(records, 'size') }
  return withMeter({ onProgress, label, quiet, phase: 'upload', total }, async (meter) => {
    const sources = new Map(records.map((record) => [record.tag, record]))
    const pushing = { ...push, sources, knownBlobs: new Set<Digest>(), meter }
    const results: PushResult[] = []
    for (const record of records) {
      const { result, made } = await pushVersion({ ...pushing, there }, record, results.at(-1))
      results.push(result)
      if (made === undefined) continue
      // If it did not become the next version, others have made versions meanwhile, which may equal the
      // following ones.
      there = made.number === (there[0]?.number ?? 0) + 1 ? [made, ...there] : await list()
    }
    return results
  })
}

function specOf({ type, name }: ArtifactScope, [first, ...others]: readonly VersionRecord[]) {
  return { type, name, ...(first !== undefined && others.length === 0 && { revision: first.tag }) }
}

function attemptAt({ target }: Pick<Push, 'target'>, label: string): string {
  return `${label} to ${target.scope.connection.url}`
}

function sum(records: readonly VersionRecord[], key: 'fileCount' | 'size'): number {
  return records.reduce((total, record) => total + record[key], 0)
}

function goesNowhere(label: string): TrackwayError {
  return new TrackwayError(
    'option_invalid',
    `${label}: source and target are the same; choose another store, or another team, experiment or name in it`,
    { hint: { kind: 'option', options: ['to', 'into'] } },
  )
}

interface Pushing extends Push {
  /** The versions of the target, including deleted ones, the newest first. */
  there: readonly TargetVersion[]
  /** Known versions of the source, by their tags. */
  sources: ReadonlyMap<Tag, VersionRecord>
  knownBlobs: Set<Digest>
  meter: Meter
}

async function pushVersion(
  pushing: Pushing,
  record: VersionRecord,
  previous: PushResult | undefined,
): Promise<{ result: PushResult; made?: TargetVersion }> {
  const { source, target, there, meter, signal } = pushing
  const provenance = provenanceOf(record, source.scope.connection.storeId)
  const base = await findBase(pushing, record)
  const found = await findCopy({
    source: source.scope,
    record,
    provenance,
    target: target.scope,
    there,
    before: there.filter((each) => each === base || each.record.tag === previous?.tag),
    signal,
  })
  if (found !== undefined) {
    meter.add({ files: record.fileCount, bytes: record.size, reusedBytes: record.size })
    return { result: resultOf(record, found, { created: false, uploadedBytes: 0 }) }
  }
  const copied = await copy(pushing, { record, provenance, base })
  const made = targetVersion(copied.record, target.scope.connection.storeId)
  meter.enter('upload')
  // Somebody else may have made a version of the same content meanwhile.
  const created = copied.record.commitId === commitIdOf(provenance.identity, target)
  return { result: resultOf(record, made, { created, uploadedBytes: copied.uploadedBytes }), made }
}

/** The target's counterpart of the version that this one was made from. */
async function findBase(
  { source, there, sources, signal }: Pushing,
  { type, name, base }: VersionRecord,
): Promise<TargetVersion | undefined> {
  if (base === null || there.length === 0) return undefined
  const spec = { type, name, revision: base, signal }
  const record = sources.get(base) ?? (await readRecord(source.scope, spec).catch(unlessGone))
  if (record === undefined) return undefined
  const { identity } = provenanceOf(record, source.scope.connection.storeId)
  return there.find((each) => each.identity === identity)
}

function unlessGone(error: unknown): undefined {
  if (!TrackwayError.hasCode(error, 'version_deleted', 'not_found')) throw error
}

interface NewVersion {
  record: VersionRecord
  provenance: Provenance
  base: TargetVersion | undefined
}

async function copy(pushing: Pushing, { record, provenance, base }: NewVersion): Promise<CopiedVersion> {
  const { target, there } = pushing
  const { description, metadata } = record
  const attempted = attemptAt(pushing, `Pushing ${formatSpec({ ...record, revision: record.tag })}`)
  const known = [base, ...there].find((each) => each !== undefined && !each.record.deleted)
  const copied = await transferVersion({
    ...pushing,
    record,
    attempted,
    base: base?.record,
    known: known?.record,
    request: {
      commitId: commitIdOf(provenance.identity, target),
      description,
      metadata,
      origin: provenance.origin,
      since: there[0]?.record.tag ?? null,
    },
  })
  if (copied.record.digest === record.digest) return copied
  throw new TrackwayError(
    'integrity_error',
    `${attempted}: the target has a different version under the commit of this one, ${copied.record.tag}; nothing was pushed`,
    { details: { tag: copied.record.tag } },
  )
}

function resultOf(
  { tag: sourceTag, digest, fileCount, size }: VersionRecord,
  { record: { tag, deleted } }: TargetVersion,
  { created, uploadedBytes }: { created: boolean; uploadedBytes: number },
): PushResult {
  return {
    sourceTag,
    tag,
    digest,
    created,
    deleted: deleted ?? false,
    fileCount,
    size,
    uploadedBytes,
    reusedBytes: Math.max(0, size - uploadedBytes),
  }
}
