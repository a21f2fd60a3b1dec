import { recordSchema, type StoredRecord, type VersionRecord } from '@trackway/protocol'
import type { ObjectStore } from '../stores/object-store.ts'
import { putDocument, readDocument } from './documents.ts'

/** Reads the record of a version; undefined if it does not exist. Throws as `readDocument` does. */
export async function readStoredRecord(store: ObjectStore, key: string): Promise<VersionRecord | undefined> {
  const stored = await readDocument(store, key, recordSchema)
  if (stored === undefined) return undefined
  const { files: fileCount, bytes: size, ...record } = stored
  return { fileCount, size, ...record }
}

/** Stores the record of a version under a free key. False: the key was taken. */
export function putStoredRecord(
  store: ObjectStore,
  key: string,
  { fileCount: files, size: bytes, updatedAt: _at, updatedBy: _by, ...record }: VersionRecord,
): Promise<boolean> {
  return putDocument(store, key, { ...record, files, bytes } satisfies StoredRecord)
}
