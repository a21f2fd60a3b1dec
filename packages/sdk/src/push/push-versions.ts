import {
  formatSpec,
  TrackwayError,
  type Digest,
  type ListedVersion,
  type Tag,
  type VersionRecord,
} from '@trackway/protocol'
import { readRecord } from '../artifact/stored-version.ts'
import { mostBlobBytes } from '../transfer/blob-sizes.ts'
import { createProgress, type ProgressCount } from '../transfer/count-progress.ts'
import type { ProgressListener } from '../transfer/progress.ts'
import { isSameArtifact, type ArtifactPlace } from './artifact-place.ts'
import { copyVersion, type CopiedVersion, type VersionCopying } from './copy-version.ts'
import { findCopy, listWithDeleted } from './find-copy.ts'
import { commitIdOf, identityOf, originOf } from './origin.ts'
import { uploadAnew } from './upload-anew.ts'

/** What the push of a version came to. */
export interface PushResult {
  /** The version that was pushed. */
  sourceTag: Tag
  /** The version that it is at the target. */
  tag: Tag
  digest: Digest
  /** False where the target had it before. Two pushes of the same at the same time may both say true, of one version. */
  created: boolean
  /** Whether the target had it and somebody deleted it there: then it stays deleted. */
  deleted: boolean
  /** Entries. */
  files: number
  /** Bytes of all entries together. */
  bytes: number
  /** Bytes that were sent. */
  uploadedBytes: number
  /** Bytes that had not to be sent, since the target has them or they occur more than once. */
  reusedBytes: number
}

export interface Push {
  source: ArtifactPlace
  target: ArtifactPlace
  /** What is pushed, the oldest first. */
  records: readonly VersionRecord[]
  concurrency: number
  onProgress?: ProgressListener | undefined
  quiet: boolean
  signal?: AbortSignal | undefined
}

/** Brings versions of an artifact to a target, one after the other. Those that it has are left as they are. */
export async function pushVersions(push: Push): Promise<PushResult[]> {
  const { source, target, records, onProgress, quiet, signal } = push
  const label = `Pushing ${formatSpec(specOf(source, records))}`
  checkPlaces(push, label)
  const there = await listWithDeleted(target, attemptAt(push, label), signal)
  const progress = createProgress(
    { onProgress, label, quiet },
    { phase: 'upload', totalFiles: sum(records, 'files'), totalBytes: sum(records, 'bytes') },
  )
  const pushing: Pushing = {
    ...push,
    there,
    sources: new Map(records.map((record) => [record.tag, record])),
    knownBlobs: new Set(),
    progress,
  }
  try {
    const results: PushResult[] = []
    for (const record of records) results.push(await pushVersion(pushing, record, results.at(-1)))
    progress.end()
    return results
  } finally {
    progress.close()
  }
}

function specOf({ type, name }: ArtifactPlace, [first, ...others]: readonly VersionRecord[]) {
  return { type, name, ...(first !== undefined && others.length === 0 && { reference: first.tag }) }
}

function attemptAt({ target }: Push, label: string): string {
  return `${label} to ${target.place.connection.url}`
}

function sum(records: readonly VersionRecord[], key: 'files' | 'bytes'): number {
  return records.reduce((total, record) => total + record[key], 0)
}

function checkPlaces({ source, target }: Push, label: string): void {
  if (!isSameArtifact(source, target)) return
  throw new TrackwayError(
    'option_invalid',
    `${label}: it would go to where it is; log in to another store for { to }, or name another place with { into }`,
  )
}

interface Pushing extends Push {
  /** What the target has, the newest first; deleted ones too. Grows. */
  there: ListedVersion[]
  /** Versions of the source that are known, by their tags. */
  sources: ReadonlyMap<Tag, VersionRecord>
  knownBlobs: Set<Digest>
  progress: ProgressCount
}

async function pushVersion(
  pushing: Pushing,
  record: VersionRecord,
  previous: PushResult | undefined,
): Promise<PushResult> {
  const { source, target, there, progress, signal } = pushing
  const base = await findBase(pushing, record)
  const before = there.filter((each) => each === base || each.tag === previous?.tag)
  const found = await findCopy({
    source: source.place,
    record,
    target: target.place,
    there,
    before,
    signal,
  })
  if (found !== undefined) {
    progress.add({ files: record.files, bytes: record.bytes, reusedBytes: record.bytes })
    return resultOf(record, found, { created: false, uploadedBytes: 0 })
  }
  const copied = await copy(pushing, record, base)
  there.unshift(copied.record)
  progress.add({ files: record.files })
  progress.enter('upload')
  return resultOf(record, copied.record, { created: true, uploadedBytes: copied.uploadedBytes })
}

/** What the target has of the version that this one was made from. */
async function findBase(
  { source, target, there, sources, signal }: Pushing,
  { type, name, base }: VersionRecord,
): Promise<ListedVersion | undefined> {
  if (base === null || there.length === 0) return undefined
  const record =
    sources.get(base) ??
    (await readRecord(source.place, { type, name, reference: base, signal }).catch(unlessGone))
  if (record === undefined) return undefined
  const identity = identityOf(record, source.place.connection.storeId)
  return there.find((each) => identityOf(each, target.place.connection.storeId) === identity)
}

function unlessGone(error: unknown): undefined {
  if (TrackwayError.isInstance(error) && ['version_deleted', 'not_found'].includes(error.code))
    return undefined
  throw error
}

async function copy(
  pushing: Pushing,
  record: VersionRecord,
  base: ListedVersion | undefined,
): Promise<CopiedVersion> {
  const { source, target, there } = pushing
  const { storeId, limits } = target.place.connection
  const identity = identityOf(record, source.place.connection.storeId)
  const { description, metadata } = record
  const copying: VersionCopying = {
    ...pushing,
    record,
    attempted: attemptAt(pushing, `Pushing ${formatSpec({ ...record, reference: record.tag })}`),
    base,
    known: base !== undefined && !base.deleted ? base : there.find(({ deleted }) => !deleted),
    request: {
      commitId: commitIdOf(identity, target),
      description,
      metadata,
      origin: originOf(record, source.place.connection.storeId),
    },
  }
  checkSize(copying)
  const { parsed, manifest } = await readManifest(copying)
  const most = mostBlobBytes(limits)
  const copied = parsed.blobs.every(({ size }) => size <= most)
    ? await copyVersion(copying, parsed, manifest)
    : await uploadAnew(copying, parsed)
  if (identityOf(copied.record, storeId) === identity) return copied
  throw new TrackwayError(
    'integrity_error',
    `${copying.attempted}: the target has another version under the commit of this one, ${copied.record.tag}; nothing was pushed`,
    { details: { tag: copied.record.tag } },
  )
}

function checkSize({ record, target, attempted }: VersionCopying): void {
  const { limits } = target.place.connection
  const sizes = { entries: record.files, manifestBytes: record.manifest.size }
  for (const limit of ['entries', 'manifestBytes'] as const) {
    if (sizes[limit] <= limits[limit]) continue
    const what = limit === 'entries' ? 'entries' : 'bytes in its manifest'
    throw new TrackwayError(
      'too_large',
      `${attempted}: it has ${sizes[limit]} ${what}, and the target takes ${limits[limit]}; ask whoever runs it to allow more`,
      { details: { limit, maximum: limits[limit] } },
    )
  }
}

/** A version's manifest, and the very bytes of it. */
async function readManifest({ source, record, signal }: VersionCopying) {
  const { type, name, tag } = record
  const { connection, team, experiment } = source.place
  const { digest } = record.manifest
  let pieces: Uint8Array[] = []
  const parsed = await connection.getManifest({
    attempted: `Reading the manifest of ${formatSpec({ type, name, reference: tag })}`,
    parameters: { team, experiment, type, name, reference: tag },
    digest,
    onBegin: () => {
      pieces = []
    },
    onPiece: (piece) => pieces.push(piece),
    signal,
  })
  return { parsed, manifest: { digest, pieces } }
}

function resultOf(
  { tag: sourceTag, digest, files, bytes }: VersionRecord,
  copied: ListedVersion,
  { created, uploadedBytes }: { created: boolean; uploadedBytes: number },
): PushResult {
  const reusedBytes = Math.max(0, bytes - uploadedBytes)
  const { tag, deleted = false }: { tag: Tag; deleted?: boolean | undefined } = copied
  return { sourceTag, tag, digest, created, deleted, files, bytes, uploadedBytes, reusedBytes }
}
