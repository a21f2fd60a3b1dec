import type { ListOptions, ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { takeTurn } from './pauses.ts'

/** Every object below a prefix, over all pages. */
export async function* listObjects(store: ObjectStore, options: ListOptions): AsyncGenerator<ObjectInfo> {
  for await (const page of listPages(store, options)) yield* page.objects
}

/** Every folder directly below a prefix, over all pages, each ending with a slash. */
export async function* listFolders(
  store: ObjectStore,
  options: Omit<ListOptions, 'delimiter'>,
): AsyncGenerator<string> {
  for await (const page of listPages(store, { ...options, delimiter: '/' })) yield* page.prefixes
}

async function* listPages(store: ObjectStore, options: ListOptions) {
  for (let after = options.after; ; ) {
    // Rule: a listing that fails is not an empty one.
    const page = await store.list({ ...options, ...(after !== undefined && { after }) })
    yield page
    if (page.next === undefined) return
    after = page.next
  }
}

/** The requested page of a list. */
export interface PageRequest {
  /** The `next` of the previous page. */
  cursor?: string | undefined
  /** The number of items. */
  limit: number
}

/** Maximum characters of a page as JSON, unless it has a single item: each may be 64 KiB. */
const pageCharacters = 8 * 1024 * 1024

/**
 * Takes items from a generator until a page is full. `cursorOf` makes the cursor of the next page from the
 * last item.
 */
export async function takePage<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  cursorOf: (item: Item) => string,
): Promise<{ items: Item[]; next?: string }> {
  const page: Item[] = []
  let characters = 0
  for await (const item of items) {
    const last = page.at(-1)
    const { length } = JSON.stringify(item)
    await takeTurn(length)
    characters += length
    const isFull = page.length === limit || characters > pageCharacters
    if (isFull && last !== undefined) return { items: page, next: cursorOf(last) }
    page.push(item)
  }
  return { items: page }
}

const mostAhead = 32

/**
 * Reads each of these, and yields the results in order: one at first, then more and more at the same time.
 */
export async function* readAhead<Item, Result>(
  items: AsyncIterable<Item>,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let ahead = 1
  let some: Item[] = []
  for await (const item of items) {
    some.push(item)
    if (some.length < ahead) continue
    yield* await Promise.all(some.map(read))
    some = []
    ahead = Math.min(2 * ahead, mostAhead)
  }
  yield* await Promise.all(some.map(read))
}
