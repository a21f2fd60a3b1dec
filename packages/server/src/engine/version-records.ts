import { formatTag, recordSchema, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { layout, numberOfKey, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { readDocument } from './documents.ts'
import { listObjects } from './listing.ts'

/** What a generator gives first. */
export async function first<Item>(items: AsyncIterable<Item>): Promise<Item | undefined> {
  for await (const item of items) return item
  return undefined
}

/** Numbers of versions, the newest first, and whether each is deleted: its tombstone is listed just before it. */
export async function* listNumbers(store: ObjectStore, place: ArtifactPlace, before?: number) {
  const after = before === undefined ? {} : { after: layout.record(place, before) }
  let tombstone: number | undefined
  for await (const { key } of listObjects(store, { prefix: layout.versions(place), ...after })) {
    const number = numberOfKey(key)
    if (key.endsWith('.deleted')) tombstone = number
    else yield { number, deleted: tombstone === number }
  }
}

/** Records of versions that are not deleted, the newest first, older than `before`. */
export async function* listRecords(store: ObjectStore, place: ArtifactPlace, before?: number) {
  for await (const { number, deleted } of listNumbers(store, place, before)) {
    if (!deleted) yield await readRecord(store, place, number)
  }
}

/** A record that is known to exist. Throws `integrity_error` where it does not. */
export async function readRecord(
  store: ObjectStore,
  place: ArtifactPlace,
  number: number,
): Promise<VersionRecord> {
  const record = await readDocument(store, layout.record(place, number), recordSchema)
  if (record !== undefined) return record
  throw new TrackwayError(
    'integrity_error',
    `The record of ${nameOf(place)} ${formatTag(number)} is gone from the store`,
  )
}

/** An artifact, for messages. */
export function nameOf({ experiment, type, name }: ArtifactPlace): string {
  return `${type}/${name} in experiment ${experiment}`
}
