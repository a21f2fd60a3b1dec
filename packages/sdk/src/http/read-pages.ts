import type { Page } from '@trackway/protocol'

/** The items of all pages of a list, in order; each page says where the next one begins. */
export async function readPages<Item>(
  readPage: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const pages: Item[][] = []
  for (let cursor: string | undefined; ; ) {
    const page = await readPage(cursor)
    pages.push(page.items)
    if (page.next === undefined) return pages.flat()
    cursor = page.next
  }
}
