import { foldName, formatSpec, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { TagConflictError } from '../errors.ts'
import type { Scope } from '../client/scope.ts'
import type { Artifact } from './artifact.ts'
import { draftOf } from './draft.ts'
import { labelOf, readLatest, readRecord, type Latest } from '../version/stored-version.ts'
import { isSameStore, type StoredVersion } from '../version/version.ts'

/** What an upload starts from. */
export interface Base extends Latest {
  /** Whether it was deleted, so that its content must become a version again. */
  isDeleted?: true
  /** What the artifact was read as, if the store has a different version under that tag by now. */
  replaced?: { version: StoredVersion; conflict: TagConflictError } | undefined
}

/**
 * The version that this one starts from: its own, if that belongs to the same scope, otherwise the latest of
 * that name. Asks the store whether it still has that version, which may have been deleted, or lost when the
 * store was restored from a backup.
 */
export async function findBase(scope: Scope, artifact: Artifact, signal?: AbortSignal): Promise<Base> {
  const { version } = draftOf(artifact)
  const { name, type } = artifact
  const newest = () => readLatest(scope, { name, type, signal })
  if (version === undefined || !belongsTo(scope, version)) return newest()
  const { tag } = version.record
  try {
    const record = await readRecord(scope, { name, type, revision: tag, signal })
    if (isSameVersion(record, version.record)) return { version: { ...version, record } }
    return { ...(await newest()), replaced: { version, conflict: conflictOf(version, record) } }
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    if (error.code === 'version_deleted') return { version, isDeleted: true }
    if (error.code === 'not_found') return newest()
    throw error
  }
}

function belongsTo(scope: Scope, version: StoredVersion): boolean {
  return (
    isSameStore(scope, version.scope) && foldName(scope.experiment) === foldName(version.scope.experiment)
  )
}

function isSameVersion(a: VersionRecord, b: VersionRecord): boolean {
  return a.digest === b.digest && a.manifest.digest === b.manifest.digest
}

function conflictOf({ record }: StoredVersion, { tag, digest }: VersionRecord): TagConflictError {
  const { type, name } = record
  return new TagConflictError(
    `Uploading ${formatSpec({ type, name })}: it started from ${labelOf(record)} with the digest ${record.digest}, but the store now has a different ${tag}, ${digest}, probably since it was restored from a backup; get that version, and upload again`,
    { details: { tag, current: tag, expected: record.digest, actual: digest } },
  )
}
