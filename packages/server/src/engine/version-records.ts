import { formatTag, TrackwayError, type ListedVersion, type VersionRecord } from '@trackway/protocol'
import {
  deletionOfKey,
  editOfKey,
  isRecordKey,
  keyOfRecord,
  layout,
  numberOfKey,
  type ArtifactScope,
} from '../layout.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { withEdit } from './edits.ts'
import { listObjects, readAhead } from './listing.ts'
import { readStoredRecord } from './stored-record.ts'

/** The first value of a generator. */
export async function first<Item>(items: AsyncIterable<Item>): Promise<Item | undefined> {
  for await (const item of items) return item
  return undefined
}

/**
 * Numbers of versions, the newest first, with the store's metadata of their records, the age of the records,
 * whether each is deleted, and how often it was edited: documents about this are listed just before it.
 */
export async function* listNumbers(store: ObjectStore, scope: ArtifactScope, before?: number) {
  const after = before === undefined ? {} : { after: layout.record(scope, before) }
  let beside = { of: 0, deletions: 0, edits: 0 }
  for await (const info of listObjects(store, { prefix: layout.versions(scope), ...after })) {
    const { key, ageMs } = info
    const number = numberOfKey(key)
    if (beside.of !== number) beside = { of: number, deletions: 0, edits: 0 }
    beside.deletions = Math.max(beside.deletions, deletionOfKey(key))
    beside.edits = Math.max(beside.edits, editOfKey(key))
    if (isRecordKey(key))
      yield { number, info, ageMs, deleted: isDeleted(beside.deletions), edits: beside.edits }
  }
}

/** Whether a version is deleted that was deleted and restored in turn, this many times in all. */
export function isDeleted(sequence: number): boolean {
  return sequence % 2 === 1
}

/** How often a version was deleted and restored in all, and the last of these documents. */
export async function lastDeletion(store: ObjectStore, scope: ArtifactScope, number: number) {
  // Most versions never were deleted, and one request finds out.
  const tombstone = layout.tombstone(scope, number)
  return (await store.head(tombstone)) === undefined ? undefined : newestDeletion(store, tombstone)
}

/** The error for a deleted version. */
export function deletedVersion(record: VersionRecord): TrackwayError {
  return new TrackwayError(
    'version_deleted',
    `${nameOf(record)} ${record.tag} was deleted; it can be restored for a week`,
    { details: { tag: record.tag } },
  )
}

/** Whether a version is deleted by now. */
export async function isVersionDeleted(
  store: ObjectStore,
  scope: ArtifactScope,
  number: number,
): Promise<boolean> {
  return isDeleted((await lastDeletion(store, scope, number))?.sequence ?? 0)
}

/** The last document that says that a version was deleted or restored, by the key of the first one. */
export async function newestDeletion(store: ObjectStore, tombstone: string) {
  let last: { sequence: number; info: ObjectInfo } | undefined
  for await (const info of listObjects(store, { prefix: tombstone })) {
    const sequence = deletionOfKey(info.key)
    if (sequence > (last?.sequence ?? 0)) last = { sequence, info }
  }
  return last
}

/** Which versions to list. */
export interface VersionFilter {
  /** Only those with a lower number. */
  before?: number | undefined
  /** Includes deleted versions, which are marked. Default: false. */
  deleted?: boolean | undefined
}

/** Records of versions, the newest first, with their current description and metadata. */
export async function* listRecords(
  store: ObjectStore,
  scope: ArtifactScope,
  filter: VersionFilter = {},
): AsyncGenerator<ListedVersion> {
  yield* readAhead(wantedNumbers(store, scope, filter), async ({ number, deleted, edits }) => {
    const record = await withEdit(store, await readRecord(store, scope, number), edits)
    return deleted ? { ...record, deleted } : record
  })
}

async function* wantedNumbers(store: ObjectStore, scope: ArtifactScope, filter: VersionFilter) {
  for await (const listed of listNumbers(store, scope, filter.before))
    if (!listed.deleted || filter.deleted) yield listed
}

/**
 * A record; undefined if it does not exist. Throws `integrity_error` if it is damaged, or another version's,
 * which must never be returned in its place.
 */
async function findRecord(
  store: ObjectStore,
  scope: ArtifactScope,
  number: number,
): Promise<VersionRecord | undefined> {
  const key = layout.record(scope, number)
  const record = await readStoredRecord(store, key)
  if (record === undefined) return undefined
  const belongs = keyOfRecord(record)
  // Rule: a record counts only under its own key.
  if (belongs === key) return record
  throw new TrackwayError(
    'integrity_error',
    `The stored document ${key} is damaged: it is that of ${belongs}`,
    {
      details: { key },
    },
  )
}

/**
 * A record; undefined if it never existed. Throws `integrity_error` if it was lost, as is certain if a record
 * with a higher number exists.
 */
export async function lookUpRecord(
  store: ObjectStore,
  scope: ArtifactScope,
  number: number,
): Promise<VersionRecord | undefined> {
  const record = await findRecord(store, scope, number)
  if (record !== undefined) return record
  const newest = await store.list({ prefix: layout.versions(scope), limit: 1 })
  const highest = newest.objects[0] === undefined ? 0 : numberOfKey(newest.objects[0].key)
  // It may have been created since the check.
  return number > highest ? undefined : readRecord(store, scope, number)
}

function lostRecord(scope: ArtifactScope, number: number): TrackwayError {
  return new TrackwayError(
    'integrity_error',
    `${nameOf(scope)} ${formatTag(number)} is damaged: the store has lost its record ${layout.record(scope, number)}; restore it from a backup, and trackway-server check names everything that is damaged`,
    { details: { artifact: `${scope.type}/${scope.name}`, tag: formatTag(number) } },
  )
}

/** A record that is known to exist. Throws `integrity_error` if it does not. */
export async function readRecord(
  store: ObjectStore,
  scope: ArtifactScope,
  number: number,
): Promise<VersionRecord> {
  const record = await findRecord(store, scope, number)
  if (record !== undefined) return record
  throw lostRecord(scope, number)
}

/** The name of an artifact in messages. */
export function nameOf({ experiment, type, name }: ArtifactScope): string {
  return `${type}/${name} in experiment ${experiment}`
}
