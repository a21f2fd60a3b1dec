import type { ObjectInfo } from '../stores/object-store.ts'
import type { ClockAndIds } from './clock-and-ids.ts'

/** Reads a document that a listing named, unless it was read before. */
export type ReadCached<Document> = (info: ObjectInfo, read: () => Promise<Document>) => Promise<Document>

/** The most small documents to keep, of a few hundred bytes each. */
const mostKept = 20_000

/** The most that two ages of one object may differ: stores return the time in seconds. */
const sameTimeMs = 5_000

/**
 * Caches small documents, which never change. A document with another size or time is another one, after the
 * store was restored from a backup under a running server.
 */
export function createDocumentCache<Document>({ now }: Pick<ClockAndIds, 'now'>): ReadCached<Document> {
  const kept = new Map<string, { document: Document; size: number; storedAt: number }>()

  return async ({ key, size, ageMs }, read) => {
    const storedAt = now() - ageMs
    const known = kept.get(key)
    if (known?.size === size && Math.abs(known.storedAt - storedAt) < sameTimeMs) return known.document
    const document = await read()
    kept.delete(key)
    kept.set(key, { document, size, storedAt })
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
    return document
  }
}
