import {
  formatTag,
  tombstoneSchema,
  TrackwayError,
  type Restoration,
  type Tombstone,
  type VersionRecord,
} from '@trackway/protocol'
import { layout, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { putDocument, readDocument } from './documents.ts'
import type { Manifests } from './manifests.ts'
import { timeOf, type Surroundings } from './surroundings.ts'
import { isDeleted, lastDeletion, lookUpRecord, nameOf } from './version-records.ts'

/** What deleting and restoring rest on. */
export interface DeleteContext {
  store: ObjectStore
  aliases: Aliases
  manifests: Manifests
  surroundings: Surroundings
}

/** Which version, and who does it. */
export interface Deletion {
  place: ArtifactPlace
  number: number
  user: string
}

/**
 * Deletes a version: says so beside its record. Throws `alias_in_use`, `not_found`.
 *
 * Who deletes writes first and then looks at the aliases; who moves an alias writes first and then looks whether the
 * version is deleted. So of two who meet at least one sees the other, and takes back what it did.
 */
export async function deleteVersion(context: DeleteContext, deletion: Deletion): Promise<Tombstone> {
  const { store, aliases, surroundings } = context
  const { place, number, user } = deletion
  await requireRecord(store, deletion)
  for (;;) {
    const last = await lastDeletion(store, place, number)
    if (last !== undefined && isDeleted(last.sequence)) {
      // Whoever deleted it may have broken off before the second look at the aliases.
      await refuseOrRestore(context, deletion)
      return readTombstone(store, last.info.key)
    }
    await refuseWhereAliased(aliases, deletion)
    const sequence = (last?.sequence ?? 0) + 1
    const tombstone: Tombstone = { formatVersion: 1, deletedAt: timeOf(surroundings), deletedBy: user }
    if (!(await putDocument(store, layout.deletion(place, number, sequence), tombstone))) continue
    await refuseOrRestore(context, deletion)
    return tombstone
  }
}

/** Takes a deletion back where an alias has come to point at the version meanwhile. */
async function refuseOrRestore(context: DeleteContext, deletion: Deletion): Promise<void> {
  try {
    await refuseWhereAliased(context.aliases, deletion)
  } catch (error) {
    await restoreVersion(context, deletion)
    throw error
  }
}

/**
 * Takes back that a version was deleted. Its data is looked for as if it were uploaded anew, so that no sweep that is
 * under way takes it. Throws `version_deleted` where a sweep has taken some of it, `not_found`, `sweep_in_progress`.
 */
export async function restoreVersion(context: DeleteContext, deletion: Deletion): Promise<VersionRecord> {
  const { store, manifests } = context
  const { place, number } = deletion
  const record = await requireRecord(store, deletion)
  for (;;) {
    const last = await lastDeletion(store, place, number)
    if (last === undefined || !isDeleted(last.sequence)) return record
    const reserved = await manifests.reserve(place.team, record.manifest.digest)
    if (reserved === undefined) throw swept(deletion)
    try {
      if (reserved.missing.length > 0) throw swept(deletion)
      const holds = await manifests.reservation(place.team, reserved.reservation, record.manifest.digest)
      if (holds !== undefined && (await putRestoration(context, deletion, last.sequence + 1))) return record
    } finally {
      // What is left of it goes with a sweep; how the restoration ended is what matters.
      await manifests.release(place.team, reserved.reservation).catch(() => {})
    }
  }
}

function putRestoration(
  { store, surroundings }: DeleteContext,
  { place, number, user }: Deletion,
  sequence: number,
) {
  const restoration: Restoration = { formatVersion: 1, restoredAt: timeOf(surroundings), restoredBy: user }
  return putDocument(store, layout.deletion(place, number, sequence), restoration)
}

async function requireRecord(store: ObjectStore, { place, number }: Deletion): Promise<VersionRecord> {
  const record = await lookUpRecord(store, place, number)
  if (record !== undefined) return record
  throw new TrackwayError('not_found', `${nameOf(place)} has no version ${formatTag(number)}`)
}

async function readTombstone(store: ObjectStore, key: string): Promise<Tombstone> {
  const tombstone = await readDocument(store, key, tombstoneSchema)
  if (tombstone !== undefined) return tombstone
  throw new TrackwayError('integrity_error', `The stored document ${key} is gone`)
}

async function refuseWhereAliased(aliases: Aliases, { place, number }: Deletion): Promise<void> {
  const tag = formatTag(number)
  const all = await aliases.all(place)
  const pointing = Object.keys(all).filter((alias) => all[alias] === tag)
  if (pointing.length === 0) return
  const [point, first] = pointing.length === 1 ? ['points', 'that alias'] : ['point', 'those aliases']
  throw new TrackwayError(
    'alias_in_use',
    `${nameOf(place)} ${tag} stays, since ${pointing.join(', ')} ${point} at it; move or remove ${first} first`,
    { details: { tag, aliases: pointing } },
  )
}

function swept({ place, number }: Deletion): TrackwayError {
  return new TrackwayError(
    'version_deleted',
    `${nameOf(place)} ${formatTag(number)} was deleted, and some of its data is gone: a sweep removes it after a week. It cannot be restored; uploading the same content makes a new version`,
    { details: { tag: formatTag(number) } },
  )
}
