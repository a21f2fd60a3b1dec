import {
  formatTag,
  tombstoneSchema,
  TrackwayError,
  type Restoration,
  type Tombstone,
  type VersionRecord,
} from '@trackway/protocol'
import { layout, type ArtifactScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { putDocument, readDocument } from './documents.ts'
import type { Manifests } from './manifests.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'
import { isDeleted, lastDeletion, lookUpRecord, nameOf } from './version-records.ts'

/** What deleting and restoring depend on. */
export interface DeleteContext {
  store: ObjectStore
  aliases: Aliases
  manifests: Manifests
  clockAndIds: ClockAndIds
}

/** Which version, and who deletes it. */
export interface Deletion {
  scope: ArtifactScope
  number: number
  user: string
}

/**
 * Deletes a version by a document beside its record. Throws `alias_in_use`, `not_found`.
 *
 * Deleting writes first and then checks the aliases; moving an alias writes first and then checks whether the
 * version is deleted. So if both happen at once, at least one sees the other, and undoes its own change.
 */
export async function deleteVersion(context: DeleteContext, deletion: Deletion): Promise<Tombstone> {
  const { store, aliases, clockAndIds } = context
  const { scope, number, user } = deletion
  await requireRecord(store, deletion)
  for (;;) {
    const last = await lastDeletion(store, scope, number)
    if (last !== undefined && isDeleted(last.sequence)) {
      // The first request may have been interrupted before its second check of the aliases.
      await refuseOrRestore(context, deletion)
      return readTombstone(store, last.info.key)
    }
    await refuseWhereAliased(aliases, deletion)
    const sequence = (last?.sequence ?? 0) + 1
    const tombstone: Tombstone = { formatVersion: 1, deletedAt: timeOf(clockAndIds), deletedBy: user }
    if (!(await putDocument(store, layout.deletion(scope, number, sequence), tombstone))) continue
    await refuseOrRestore(context, deletion)
    // Rule: a deletion removes nothing, so that no tag is given twice.
    return tombstone
  }
}

/** Undoes a deletion if an alias points at the version by now. */
async function refuseOrRestore(context: DeleteContext, deletion: Deletion): Promise<void> {
  try {
    await refuseWhereAliased(context.aliases, deletion)
  } catch (error) {
    await restoreVersion(context, deletion)
    throw error
  }
}

/**
 * Restores a deleted version. Its data is checked as if it were uploaded again, so that a sweep that is
 * under way does not delete it. Throws `version_deleted` if a sweep has deleted some of it, `not_found`,
 * `sweep_in_progress`.
 */
export async function restoreVersion(context: DeleteContext, deletion: Deletion): Promise<VersionRecord> {
  const { store, manifests } = context
  const { scope, number } = deletion
  const record = await requireRecord(store, deletion)
  for (;;) {
    const last = await lastDeletion(store, scope, number)
    if (last === undefined || !isDeleted(last.sequence)) return record
    const reserved = await manifests.reserve(scope.team, record.manifest.digest)
    // Rule: a version is restored only if its data is stored.
    if (reserved === undefined) throw swept(deletion)
    try {
      if (reserved.missing.length > 0) throw swept(deletion)
      const holds = await manifests.reservation(scope.team, reserved.reservation, record.manifest.digest)
      if (holds !== undefined && (await putRestoration(context, deletion, last.sequence + 1))) return record
    } finally {
      // A sweep removes what remains; the outcome of the restoration is what matters.
      await manifests.release(scope.team, reserved.reservation).catch(() => {})
    }
  }
}

function putRestoration(
  { store, clockAndIds }: DeleteContext,
  { scope, number, user }: Deletion,
  sequence: number,
) {
  const restoration: Restoration = { formatVersion: 1, restoredAt: timeOf(clockAndIds), restoredBy: user }
  return putDocument(store, layout.deletion(scope, number, sequence), restoration)
}

async function requireRecord(store: ObjectStore, { scope, number }: Deletion): Promise<VersionRecord> {
  const record = await lookUpRecord(store, scope, number)
  if (record !== undefined) return record
  throw new TrackwayError('not_found', `${nameOf(scope)} has no version ${formatTag(number)}`)
}

async function readTombstone(store: ObjectStore, key: string): Promise<Tombstone> {
  const tombstone = await readDocument(store, key, tombstoneSchema)
  if (tombstone !== undefined) return tombstone
  throw new TrackwayError('integrity_error', `The stored document ${key} is missing`)
}

async function refuseWhereAliased(aliases: Aliases, { scope, number }: Deletion): Promise<void> {
  const tag = formatTag(number)
  const all = await aliases.all(scope)
  const pointing = Object.keys(all).filter((alias) => all[alias] === tag)
  if (pointing.length === 0) return
  const [point, first] = pointing.length === 1 ? ['points', 'that alias'] : ['point', 'those aliases']
  throw new TrackwayError(
    'alias_in_use',
    `${nameOf(scope)} ${tag} was not deleted, since ${pointing.join(', ')} ${point} at it; move or remove ${first} first`,
    { details: { tag, aliases: pointing } },
  )
}

function swept({ scope, number }: Deletion): TrackwayError {
  return new TrackwayError(
    'version_deleted',
    `${nameOf(scope)} ${formatTag(number)} was deleted, and a sweep has removed some of its data, as it does after a week. It cannot be restored; uploading the same content creates a new version`,
    { details: { tag: formatTag(number) } },
  )
}
