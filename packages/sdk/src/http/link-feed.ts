import type { BlobLink, Digest } from '@trackway/protocol'

/** Links that are asked for at a time: enough for one answer to serve many requests, few enough to be used in time. */
const pageLinks = 64

/** Answers links to these blobs, of which some may be missing. */
export type AskForLinks = (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, BlobLink>>

/** Links to blobs that will be wanted about in this order. */
export interface LinkFeed {
  /** The link to one of the blobs; undefined where there is none to be had. */
  link(digest: Digest): Promise<BlobLink | undefined>
}

/** Asks for many links at a time, and only for those whose turn comes. */
export function createLinkFeed(ask: AskForLinks, digests: readonly Digest[]): LinkFeed {
  const order = [...new Set(digests)]
  const places = new Map(order.map((digest, index) => [digest, Math.floor(index / pageLinks)]))
  const pages = new Map<number, ReturnType<AskForLinks>>()
  return {
    async link(digest) {
      const place = places.get(digest)
      if (place === undefined) return undefined
      const page = pages.get(place) ?? ask(order.slice(place * pageLinks, (place + 1) * pageLinks))
      pages.set(place, page)
      // Whoever still needs one of those that went before asks anew.
      pages.delete(place - 2)
      return (await page).get(digest)
    },
  }
}
