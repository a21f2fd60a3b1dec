import type { PresignedUrl, Digest } from '@trackway/protocol'

/**
 * Presigned URLs that are requested at a time: enough for one answer to serve many requests, few enough to be
 * used before they expire.
 */
const pageUrls = 64

/** Returns presigned URLs for these blobs, of which some may be missing. */
export type AskForPresignedUrls = (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, PresignedUrl>>

/** Presigned URLs for blobs that will be needed roughly in this order. */
export interface PresignedUrlFeed {
  /** The presigned URL for one of the blobs; undefined if there is none. */
  presigned(digest: Digest): Promise<PresignedUrl | undefined>
}

/** Requests many presigned URLs at a time, and only for blobs that are about to be needed. */
export function createPresignedUrlFeed(
  ask: AskForPresignedUrls,
  digests: readonly Digest[],
): PresignedUrlFeed {
  const order = [...new Set(digests)]
  const places = new Map(order.map((digest, index) => [digest, Math.floor(index / pageUrls)]))
  const pages = new Map<number, ReturnType<AskForPresignedUrls>>()
  return {
    async presigned(digest) {
      const place = places.get(digest)
      if (place === undefined) return undefined
      const page = pages.get(place) ?? ask(order.slice(place * pageUrls, (place + 1) * pageUrls))
      pages.set(place, page)
      // A caller that still needs an earlier one requests it again.
      pages.delete(place - 2)
      return (await page).get(digest)
    },
  }
}
