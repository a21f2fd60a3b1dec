import { sha256 } from '@trackway/protocol'
import type { LocatedEntry } from '../version/located-entry.ts'
import { openPresignedUrls } from './presigned-blobs.ts'
import { planFetches, sliceOf } from './plan-fetches.ts'
import { checkDigest, fetchSlice } from './read-slices.ts'
import { runLimited } from '../concurrency/run-limited.ts'
import type { BlobScope } from '../version/version.ts'

const fetchesAtOnce = 4

/** The bytes of stored entries in one piece each, fetched by as few requests as a download would make. */
export async function readBundled(
  scope: BlobScope,
  entries: readonly LocatedEntry[],
  signal: AbortSignal,
): Promise<Map<LocatedEntry, Uint8Array>> {
  const contents = new Map<LocatedEntry, Uint8Array>()
  const fetches = planFetches(entries)
  const urls = await openPresignedUrls(scope, fetches.map(sliceOf), { path: entries[0]?.path ?? '', signal })
  await runLimited(
    fetches,
    async (fetch) => {
      const { blob, start, pieces } = fetch
      const path = pieces[0]?.entry.path ?? blob.digest
      const bytes = await fetchSlice(scope, sliceOf(fetch), { path, urls, signal })
      for (const { entry, offset, length } of pieces) {
        // A copy, so that the bytes between the pieces do not have to be kept.
        const content = bytes.slice(offset - start, offset - start + length)
        checkDigest(entry.path, entry.digest, sha256(content))
        contents.set(entry, content)
      }
    },
    { concurrency: fetchesAtOnce, signal },
  )
  return contents
}
