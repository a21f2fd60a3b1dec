import type { PresignedUrl, Digest } from '@trackway/protocol'

/**
 * Presigned URLs that are asked for at a time: enough for one answer to serve many requests, few enough to be used in
 * time.
 */
const pageUrls = 64

/** Answers presigned URLs to these blobs, of which some may be missing. */
export type AskForPresignedUrls = (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, PresignedUrl>>

/** Presigned URLs to blobs that will be wanted about in this order. */
export interface PresignedUrlFeed {
  /** The presigned URL to one of the blobs; undefined where there is none to be had. */
  presigned(digest: Digest): Promise<PresignedUrl | undefined>
}

/** Asks for many presigned URLs at a time, and only for those whose turn comes. */
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
      // Whoever still needs one of those that went before asks anew.
      pages.delete(place - 2)
      return (await page).get(digest)
    },
  }
}
