import { TrackwayError, type Page } from '@trackway/protocol'
import type { RequestInput } from './connection.ts'

/** Bytes that all pages of a list may have together. */
const mostBytes = 128 * 1024 * 1024
/** Bytes that each page counts as at least, so that small ones come to an end as well. */
const leastBytes = 4 * 1024

/**
 * The items of all pages of a list, in order; each page says where the next one begins. Throws `too_large` for a list of
 * more than 128 MiB and `not_trackway` for one that leads back to where it was.
 */
export async function readAll<Item>(
  input: RequestInput,
  readPage: (input: RequestInput) => Promise<Page<Item>>,
): Promise<Item[]> {
  const { attempted, query } = input
  const pages: Item[][] = []
  let bytes = 0
  let earlier: string | undefined
  const onAnswer = (size: number) => void (bytes += Math.max(size, leastBytes))
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await readPage({ ...input, query: { ...query, cursor }, onAnswer })
    pages.push(items)
    if (next === undefined) return pages.flat()
    if (next === earlier)
      throw new TrackwayError('not_trackway', `${attempted}: its pages lead back to one that was read`)
    if (bytes > mostBytes)
      throw new TrackwayError('too_large', `${attempted}: the list has more than ${mostBytes} bytes`)
    // The cursor of the 1st, 2nd, 4th, … page: a circle comes back to one of them (Brent's algorithm).
    if (Number.isInteger(Math.log2(pages.length))) earlier = next
    cursor = next
  }
}
