import { TrackwayError, type Page } from '@trackway/protocol'
import type { AnswerInput } from './call.ts'

/** Bytes that all pages of a list may have together. */
const mostBytes = 64 * 1024 * 1024
/** Bytes that each page and each item counts as at least: small ones take more memory than their text. */
const leastBytes = { page: 64 * 1024, item: 64 }

/**
 * The items of all pages of a list, in order; each page says where the next one begins. Throws `too_large`
 * for a list of more than 64 MiB and `not_trackway` for one that returns to an earlier page.
 */
export async function readAll<Item>(
  input: AnswerInput,
  readPage: (input: AnswerInput) => Promise<Page<Item>>,
): Promise<Item[]> {
  const { attempted, query } = input
  const pages: Item[][] = []
  let bytes = 0
  let earlier: string | undefined
  let pageBytes = 0
  const onAnswer = (size: number) => void (pageBytes = size)
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await readPage({ ...input, query: { ...query, cursor }, onAnswer })
    pages.push(items)
    bytes += Math.max(pageBytes, leastBytes.page, items.length * leastBytes.item)
    if (next === undefined) return pages.flat()
    if (next === earlier)
      throw new TrackwayError(
        'not_trackway',
        `${attempted}: the list returns to a page that was already read`,
      )
    if (bytes > mostBytes)
      throw new TrackwayError('too_large', `${attempted}: the list has more than ${mostBytes} bytes`)
    // The cursor of the 1st, 2nd, 4th, … page: a loop returns to one of them (Brent's algorithm).
    if (Number.isInteger(Math.log2(pages.length))) earlier = next
    cursor = next
  }
}
