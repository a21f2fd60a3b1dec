import type { ListOptions, ObjectInfo, ObjectStore } from '../stores/object-store.ts'

/** Every object below a prefix, page after page. */
export async function* listObjects(store: ObjectStore, options: ListOptions): AsyncGenerator<ObjectInfo> {
  for await (const page of listPages(store, options)) yield* page.objects
}

/** Every folder directly below a prefix, page after page, each ending with a slash. */
export async function* listFolders(
  store: ObjectStore,
  options: Omit<ListOptions, 'delimiter'>,
): AsyncGenerator<string> {
  for await (const page of listPages(store, { ...options, delimiter: '/' })) yield* page.prefixes
}

async function* listPages(store: ObjectStore, options: ListOptions) {
  for (let after = options.after; ; ) {
    const page = await store.list({ ...options, ...(after !== undefined && { after }) })
    yield page
    if (page.next === undefined) return
    after = page.next
  }
}

/** How much of a list is wanted. */
export interface PageRequest {
  /** What the page before gave as `next`. */
  cursor?: string | undefined
  /** Items. */
  limit: number
}

/** Takes items off a generator until a page is full. `cursorOf` names the last item for the page behind it. */
export async function takePage<Item>(
  items: AsyncIterable<Item>,
  limit: number,
  cursorOf: (item: Item) => string,
): Promise<{ items: Item[]; next?: string }> {
  const page: Item[] = []
  for await (const item of items) {
    const last = page.at(-1)
    if (page.length === limit && last !== undefined) return { items: page, next: cursorOf(last) }
    page.push(item)
  }
  return { items: page }
}
