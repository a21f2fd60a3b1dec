import type { ObjectInfo } from '../stores/object-store.ts'
import type { Surroundings } from './surroundings.ts'

/** Reads a document that a listing named, unless it was read before. */
export type ReadCached<Document> = (info: ObjectInfo, read: () => Promise<Document>) => Promise<Document>

/** Small documents that are kept, of a few hundred bytes each. */
const mostKept = 20_000

/** By how much two answers about one object may differ: stores tell the time in seconds. */
const sameTimeMs = 5_000

/**
 * Keeps small documents, which never change. One of another size or time is another one, of a store that was put back from
 * a backup under a server that runs.
 */
export function createDocumentCache<Document>({ now }: Pick<Surroundings, 'now'>): ReadCached<Document> {
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
