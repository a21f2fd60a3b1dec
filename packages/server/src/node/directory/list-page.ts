import type { ListPage, ObjectInfo } from '../../stores/object-store.ts'
import type { Met } from './walk-keys.ts'

/** How many files to look at, or folders to look into, at the same time. */
const atOnce = 64

/**
 * Makes a page from the results of a walk. `look` returns what is known of an object, or true for a folder
 * that is listed; undefined for what was deleted meanwhile.
 */
export async function listPage(
  walk: AsyncGenerator<Met>,
  limit: number,
  look: (met: Met) => Promise<ObjectInfo | true | undefined>,
): Promise<ListPage> {
  const page: ListPage = { objects: [], prefixes: [] }
  let last: string | undefined
  let left = limit
  for (;;) {
    // One more than fits shows whether there is a next page.
    const batch = await take(walk, Math.min(atOnce, left + 1))
    if (batch.length === 0) return page
    const looks = await Promise.all(batch.map(look))
    for (const [index, met] of batch.entries()) {
      const found = looks[index]
      if (found === undefined) continue
      if (left === 0) return last === undefined ? page : { ...page, next: last }
      if (found === true) page.prefixes.push(met.key)
      else page.objects.push(found)
      last = met.key
      left -= 1
    }
  }
}

async function take(walk: AsyncGenerator<Met>, count: number): Promise<Met[]> {
  const taken: Met[] = []
  while (taken.length < count) {
    const { value, done } = await walk.next()
    if (done) break
    taken.push(value)
  }
  return taken
}
