import { sha256, type Digest } from '@trackway/protocol'
import type { ContentSource } from '../content/content-source.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import { openPresignedUrls } from './presigned-blobs.ts'
import { checkDigest, fetchSlice, readStored } from './read-slices.ts'
import type { BlobScope } from '../version/version.ts'

const blobsKept = 4

/**
 * Stored entries as content that can be packed again. Entries of one blob share one fetch, since those of a
 * bundle are adjacent.
 */
export function createStoredSources(
  scope: BlobScope,
  signal?: AbortSignal,
): (entry: LocatedEntry) => ContentSource {
  const blobs = new Map<Digest, Promise<Uint8Array>>()

  function fetchBlob({ path, slices: [slice] }: LocatedEntry): Promise<Uint8Array> {
    if (slice === undefined) return Promise.resolve(new Uint8Array())
    const { blob } = slice
    const whole = { blob, offset: 0, length: blob.size }
    const fetched =
      blobs.get(blob.digest) ??
      openPresignedUrls(scope, [whole], { path, signal }).then((urls) =>
        fetchSlice(scope, whole, { path, urls, signal }),
      )
    blobs.set(blob.digest, fetched)
    for (const oldest of blobs.keys()) if (blobs.size > blobsKept) blobs.delete(oldest)
    return fetched
  }

  async function readBundled(entry: LocatedEntry): Promise<Uint8Array> {
    const blob = await fetchBlob(entry)
    const offset = entry.slices[0]?.offset ?? 0
    const bytes = blob.subarray(offset, offset + entry.size)
    checkDigest(entry.path, entry.digest, sha256(bytes))
    return bytes
  }

  return (entry) => ({
    label: entry.path,
    open: async () => ({
      size: entry.size,
      async *read(start, limit) {
        const end = Math.min(limit, entry.size)
        if (entry.slices.length > 1) yield* readStored(scope, entry, { start, end, signal })
        else yield (await readBundled(entry)).subarray(start, end)
      },
      checkUnchanged: async () => {},
      close: async () => {},
    }),
  })
}
