import {
  editSchema,
  equalJson,
  tagNumber,
  TrackwayError,
  type Edit,
  type Metadata,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import { editOfKey, layout } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { putDocument, readDocument } from './documents.ts'
import { listObjects } from './listing.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'

const shownEdits = 100

/** The changes of a version's description and metadata, and who makes them. */
export interface Change {
  description?: string | undefined
  metadata?: Metadata | undefined
  user: string
}

/** What editing depends on. */
export interface EditContext {
  store: ObjectStore
  clockAndIds: ClockAndIds
}

/** A record with its version's description and metadata after this many edits. */
export async function withEdit(
  store: ObjectStore,
  record: VersionRecord,
  sequence: number,
): Promise<VersionRecord> {
  if (sequence === 0) return record
  const { description, metadata, updatedAt, updatedBy } = await readEdit(store, record, sequence)
  return { ...record, description, metadata, updatedAt, updatedBy }
}

/** A record with its version's current description and metadata. */
export async function describe(store: ObjectStore, record: VersionRecord): Promise<VersionRecord> {
  return withEdit(store, record, await countEdits(store, record))
}

/**
 * Changes the description or metadata. Nothing is stored if they are the same, so repeating a request is
 * harmless.
 */
export async function editVersion(
  { store, clockAndIds }: EditContext,
  record: VersionRecord,
  { user, ...change }: Change,
): Promise<VersionRecord> {
  for (;;) {
    const sequence = await countEdits(store, record)
    const current = await withEdit(store, record, sequence)
    const { description = current.description, metadata = current.metadata } = change
    if (description === current.description && equalJson(metadata, current.metadata)) return current
    const said = { description, metadata, updatedAt: timeOf(clockAndIds), updatedBy: user }
    const key = layout.edit(record, numberOf(record), sequence + 1)
    if (await putDocument(store, key, { formatVersion: 1, ...said })) return { ...record, ...said }
  }
}

/**
 * A version's descriptions and metadata, the newest first; the last is the original, if there is room for it.
 */
export async function listDescriptions(
  store: ObjectStore,
  record: VersionRecord,
): Promise<VersionDescription[]> {
  const { description, metadata, createdAt, createdBy } = record
  const count = await countEdits(store, record)
  const numbers = Array.from({ length: Math.min(count, shownEdits) }, (_, index) => count - index)
  const edits = await Promise.all(numbers.map((sequence) => readEdit(store, record, sequence)))
  const all = [...edits, { description, metadata, updatedAt: createdAt, updatedBy: createdBy }]
  return all.slice(0, shownEdits).map((said) => ({
    description: said.description,
    metadata: said.metadata,
    updatedAt: said.updatedAt,
    updatedBy: said.updatedBy,
  }))
}

/** How many times a version was edited. */
async function countEdits(store: ObjectStore, record: VersionRecord): Promise<number> {
  // Most versions never were, and one request finds out.
  if ((await store.head(layout.edit(record, numberOf(record), 1))) === undefined) return 0
  let count = 1
  for await (const { key } of listObjects(store, { prefix: layout.edits(record, numberOf(record)) }))
    count = Math.max(count, editOfKey(key))
  return count
}

async function readEdit(store: ObjectStore, record: VersionRecord, sequence: number): Promise<Edit> {
  const key = layout.edit(record, numberOf(record), sequence)
  const edit = await readDocument(store, key, editSchema)
  if (edit !== undefined) return edit
  throw new TrackwayError('integrity_error', `The stored document ${key} is missing`, { details: { key } })
}

function numberOf({ tag }: VersionRecord): number {
  return tagNumber(tag) ?? 0
}
