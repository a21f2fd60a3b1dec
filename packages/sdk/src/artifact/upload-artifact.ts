import {
  formatSpec,
  parseTag,
  tagNumber,
  TrackwayError,
  type CreateVersion,
  type Tag,
  type VersionRecord,
} from '@trackway/protocol'
import type { LocatedEntry } from '../version/located-entry.ts'
import { TagConflictError } from '../errors.ts'
import type { Scope } from '../client/scope.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { createCommitId } from '../upload/commit-id.ts'
import { totalOf, withMeter } from '../calls/meter.ts'
import { commitVersion } from '../upload/commit-version.ts'
import { repackBundles } from '../upload/repack-bundles.ts'
import { selectNew } from '../upload/select-new.ts'
import { stageEntries } from '../upload/stage-entries.ts'
import { healBase } from '../upload/supply-blobs.ts'
import { sendRest, withUpload, type Upload } from '../upload/upload.ts'
import { adoptVersion } from './adopt-version.ts'
import { checkArtifact } from '../version/ask-version.ts'
import type { Artifact } from './artifact.ts'
import { contentsOf, draftOf } from './draft.ts'
import { factsOf, type DraftEntry } from '../read/draft-entry.ts'
import { findBase, type Base } from './find-base.ts'
import { hasContent } from '../version/has-content.ts'
import { defaultConcurrency, type LongCallOptions } from '../calls/long-call-options.ts'
import { mergeWithLatest } from './merge-with-latest.ts'
import { readEntries } from '../version/stored-version.ts'
import { tellWhatGoesIn } from './tell-what-goes-in.ts'
import { uploadResult } from './upload-outcome.ts'
import type { UploadResult } from '../progress/upload-result.ts'
import type { StoredVersion } from '../version/version.ts'

/** How an upload is done. */
export interface UploadOptions extends LongCallOptions {
  /**
   * What happens if somebody else made a version since the one that this started from. `next` (default): take
   * the next free tag. `merge`: include their changes; throws a `MergeConflictError` if both changed the same
   * entry. `fail`: throws a `TagConflictError`.
   */
  onConflict?: 'next' | 'merge' | 'fail' | undefined
  /**
   * The tag that the version must get, such as `V3`. It must be the next one, otherwise the call throws
   * `tag_conflict` or `tag_out_of_order`. It also throws if nothing changed, so that no version is made, and
   * the content belongs to a version with another tag. Cannot be combined with `merge`.
   */
  tag?: string | undefined
  /**
   * Files that are unchanged since they were last read for an upload, judged by size, times, inode and
   * device, are not read again; what is known of them is kept in the user's cache folder. Default: true.
   */
  hashCache?: boolean | undefined
}

/**
 * Makes the next version of an artifact from its entries. Each file is read once, while its new parts are
 * sent: small files in bundles, large ones in chunks. If the content equals that of the version that it
 * started from (for `new Artifact`: the latest version), or of a version that somebody else made since, no
 * version is made. A new description or new metadata alone does not make a version either, which `dropped`
 * reports.
 *
 * Afterwards the artifact is that version, so that adding and uploading again make the next one. After a
 * failure or an abort it is unchanged.
 *
 * Throws `artifact_empty`, `file_changed`, `file_not_found`, `TagConflictError`, `MergeConflictError`,
 * `forbidden`, `too_large`, `option_invalid`, `aborted`, and the errors of requests to the server.
 *
 * @internal
 */
export async function uploadArtifact(
  scope: Scope,
  artifact: Artifact,
  options: UploadOptions = {},
  contents: readonly DraftEntry[] = contentsOf(artifact),
): Promise<UploadResult> {
  const { signal } = options
  const draft = draftOf(artifact)
  const { onConflict, tag } = checkOptions(options)
  const { concurrency = defaultConcurrency } = options
  throwIfAborted(signal)
  if (contents.length === 0) throw emptyArtifact(artifact)
  const quiet = options.quiet ?? scope.quiet ?? false
  const base = await findBase(scope, artifact, signal)
  if (!quiet) tellWhatGoesIn(artifact, contents, base)
  if (onConflict === 'fail' && base.replaced !== undefined) throw base.replaced.conflict
  const { damaged } = base
  const given = { description: artifact.description, metadata: artifact.metadata }
  const startedFrom = draft.version?.record
  const request = {
    commitId: createCommitId(),
    ...given,
    ...(tag && { tag }),
    // A version that was made before the damaged one is not its successor.
    ...(damaged && { since: damaged }),
  }
  const attempted = `Uploading ${formatSpec(nameOf(artifact))}`
  const audience = { onProgress: options.onProgress, label: attempted, quiet }
  const total = totalOf(contents.map(factsOf))
  const { hashCache = true } = options
  const attempt = (reusesBase: boolean) =>
    withMeter({ ...audience, phase: 'read', total }, (meter) => {
      const how = { concurrency, reusesBase, hashCache, signal, meter }
      return withUpload({ scope, attempted, contents, base: base.version, ...how }, async (upload) => {
        const outcome = await makeVersion(upload, { ...nameOf(artifact), base, onConflict, request })
        return { ...outcome, sentBytes: upload.sent.bytes }
      })
    })
  const outcome = await attempt(true).catch((error: unknown) => {
    // The server has lost a part of the base: the content at hand is stored again, whatever the base has of
    // it.
    if (!TrackwayError.hasCode(error, 'blobs_missing')) throw error
    return attempt(false)
  })
  await adoptVersion(draft, contents, outcome.version)
  return uploadResult({ ...outcome, given, startedFrom })
}

function checkOptions({ onConflict = 'next', tag }: UploadOptions) {
  if (onConflict === 'merge' && tag !== undefined) {
    throw new TrackwayError(
      'option_invalid',
      'A merged version always gets the next tag after the versions that it merges',
      { hint: { kind: 'omit', option: 'tag', value: tag } },
    )
  }
  return { onConflict, tag: tag === undefined ? undefined : parseTag(tag) }
}

function emptyArtifact({ type, name }: Artifact): TrackwayError {
  return new TrackwayError(
    'artifact_empty',
    `Uploading ${formatSpec({ type, name })}: it has no entries; add a file, or a folder with files in it, first`,
  )
}

interface Wish {
  type: string
  name: string
  base: Base
  onConflict: 'next' | 'merge' | 'fail'
  request: Pick<CreateVersion, 'commitId' | 'tag' | 'description' | 'metadata' | 'since'>
}

interface Outcome {
  version: StoredVersion
  created: boolean
}

// Each attempt loses to a version that somebody else made meanwhile; more than this is not a coincidence.
const mergeAttempts = 20

async function makeVersion(upload: Upload, wish: Wish): Promise<Outcome> {
  const { base, onConflict, request, type, name } = wish
  const staged = await stageEntries(upload, selectNew(upload, upload.contents))
  const { version } = base
  if (version !== undefined && !base.isDeleted && hasContent(version, staged)) {
    if (request.tag !== undefined && request.tag !== version.record.tag)
      throw nothingToTag(request.tag, version.record)
    await healBase(upload)
    return { version, created: false }
  }
  let entries = await repackBundles(upload, staged)
  await sendRest(upload)
  let start = version
  // What others put under the tag that this one started from is merged, as what they made since is.
  let { replaced } = onConflict === 'merge' ? base : {}
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (replaced !== undefined) throw replaced.conflict
      return await commit(upload, entries, { ...wish, base: start })
    } catch (error) {
      if (onConflict !== 'merge' || attempt === mergeAttempts || !isTagConflict(error)) throw error
      const from = replaced?.version ?? start
      replaced = undefined
      const ours = { type, name, base: from, entries, conflict: error }
      const merged = await mergeWithLatest(upload.scope, ours, upload.signal)
      if (hasContent(merged.latest, merged.entries)) return { version: merged.latest, created: false }
      entries = merged.entries
      start = merged.latest
    }
  }
}

function nothingToTag(tag: Tag, { tag: current, type, name }: VersionRecord): TrackwayError {
  const message = `Uploading ${formatSpec({ type, name })} as ${tag}: nothing changed since ${current}, so no version is made; leave out the tag to use that version`
  if ((tagNumber(tag) ?? 0) > (tagNumber(current) ?? 0))
    return new TrackwayError('tag_out_of_order', message, { details: { next: current } })
  return new TagConflictError(message, { details: { tag, current } })
}

function nameOf({ type, name }: Artifact) {
  return { type, name }
}

function isTagConflict(error: unknown): error is TrackwayError {
  return TrackwayError.hasCode(error, 'tag_conflict')
}

async function commit(
  upload: Upload,
  entries: readonly LocatedEntry[],
  { type, name, base, onConflict, request }: Omit<Wish, 'base'> & { base: StoredVersion | undefined },
): Promise<Outcome> {
  const { scope, attempted, signal } = upload
  const { connection, team, experiment, quiet } = scope
  const record = await commitVersion(upload, entries, {
    type,
    name,
    base: base?.record,
    request: { ...request, onConflict: onConflict === 'next' ? 'next' : 'fail' },
  })
  checkArtifact({ ...scope, type, name }, attempted, record)
  const created = record.commitId === request.commitId
  return {
    // Somebody else may have laid the same content into other blobs; those are kept.
    version: created
      ? { record, entries, scope: { connection, team, experiment, quiet, version: record } }
      : await readEntries(scope, record, signal),
    created,
  }
}
