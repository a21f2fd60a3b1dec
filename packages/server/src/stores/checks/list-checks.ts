import { demand, demandKeys, inParallel, listAll, makeBytes, type StoreCheck } from './store-check.ts'

/** Listing: order, prefixes, folding, pages. */
export const listChecks: StoreCheck[] = [
  {
    property: 'a listing is in order, within its prefix, after `after`, in pages',
    quick: true,
    async run(store, { folder, id }) {
      const prefix = `${folder}${id}-list.`
      const keys = ['a', 'a-b', 'a.b', 'a0', 'b'].map((name) => prefix + name)
      const outside = `${folder}${id}-list`
      await Promise.all(
        [...keys.toReversed(), outside].map((key) => store.putIfAbsent(key, makeBytes(1, 20))),
      )
      const sorted = keys.toSorted()
      const shown = async (after?: string, limit?: number) => {
        const page = await store.list({ prefix, ...(after && { after }), ...(limit && { limit }) })
        return { keys: page.objects.map(({ key }) => key), next: page.next }
      }
      demandKeys((await shown()).keys, sorted, 'A listing by prefix')
      demandKeys((await shown(sorted[1])).keys, sorted.slice(2), 'A listing after a key')
      demandKeys(
        (await shown(`${prefix}a/`)).keys,
        sorted.slice(3),
        'A listing after a text that is not a key',
      )
      demandKeys((await shown(sorted[4])).keys, [], 'A listing after the last key')
      const first = await shown(undefined, 2)
      demandKeys(first.keys, sorted.slice(0, 2), 'The first page of 2')
      demand(first.next !== undefined, 'The first of three pages lacks the start of the next one')
      const second = await shown(first.next, 2)
      demandKeys(second.keys, sorted.slice(2, 4), 'The second page of 2')
      const third = await shown(second.next, 2)
      demandKeys(third.keys, sorted.slice(4), 'The third page of 2')
      const { objects, pages } = await listAll(store, { prefix, limit: 5 })
      demand(objects.length === 5 && pages <= 2, `A page that holds everything is followed by ${pages - 1}`)
    },
  },
  {
    property: 'a listing folds keys at a delimiter',
    quick: true,
    async run(store, { folder, id }) {
      // All checks share the folder, so others may be writing to it.
      const inside = [`${folder}fold/${id}-1`, `${folder}fold/${id}-2`]
      const before = `${folder}fold-${id}`
      const behind = `${folder}fold0${id}`
      await Promise.all([behind, ...inside, before].map((key) => store.putIfAbsent(key, makeBytes(1, 21))))
      const own = async (after?: string) => {
        const page = await store.list({ prefix: `${folder}fold`, delimiter: '/', ...(after && { after }) })
        return {
          prefixes: page.prefixes,
          keys: page.objects.map(({ key }) => key).filter((key) => key.includes(id)),
        }
      }
      const all = await own()
      demandKeys(all.prefixes, [`${folder}fold/`], 'A folded listing')
      demandKeys(all.keys, [before, behind], 'A folded listing')
      const rest = await own(`${folder}fold/`)
      demandKeys(rest.prefixes, [], 'A folded listing after the folded prefix')
      demandKeys(rest.keys, [behind], 'A folded listing after the folded prefix')
    },
  },
  {
    property: 'keys are ordered by their bytes across folders',
    quick: false,
    async run(store, { folder, id }) {
      const prefix = `${folder}${id}-order/`
      const names = [
        'a-b',
        'a/b',
        'a.b',
        'a/b-c',
        'a/b.c',
        'a0',
        'a%2Fb',
        'a_',
        'A',
        'b/c/d',
        'b/c-/d',
        'b/c0/d',
        '0',
      ]
      const keys = names.map((name) => prefix + name).filter((key) => key !== `${prefix}a/b`)
      keys.push(`${prefix}a/b/deep`, `${prefix}aa/b`)
      await Promise.all(keys.map((key) => store.putIfAbsent(key, makeBytes(1, 22))))
      const sorted = keys.toSorted()
      for (const limit of [1, 2, 3, 1000]) {
        const { objects, pages } = await listAll(store, { prefix, limit })
        demandKeys(
          objects.map(({ key }) => key),
          sorted,
          `A listing in pages of ${limit}`,
        )
        const fewest = Math.ceil(sorted.length / limit)
        demand(
          pages === fewest || pages === fewest + 1,
          `${sorted.length} keys fill ${pages} pages of ${limit}`,
        )
      }
      for (const [index, after] of sorted.entries()) {
        const { objects } = await store.list({ prefix, after })
        demandKeys(
          objects.map(({ key }) => key),
          sorted.slice(index + 1),
          `A listing after ${after}`,
        )
      }
      const partial = await store.list({ prefix: `${prefix}a/b` })
      const expected = sorted.filter((key) => key.startsWith(`${prefix}a/b`))
      demandKeys(
        partial.objects.map(({ key }) => key),
        expected,
        'A listing by part of a name',
      )
      for (const limit of [1, 2, 1000]) {
        const { prefixes } = await listAll(store, { prefix, delimiter: '/', limit })
        demandKeys(
          prefixes,
          ['a/', 'aa/', 'b/'].map((name) => prefix + name),
          `Folded, in pages of ${limit}`,
        )
      }
    },
  },
  {
    property: 'a folder whose last object is deleted is no longer listed',
    quick: false,
    async run(store, { folder, id }) {
      const prefix = `${folder}${id}-emptied/`
      const keys = [`${prefix}a/x`, `${prefix}b/deep/x`, `${prefix}c/x`]
      await Promise.all(keys.map((key) => store.putIfAbsent(key, makeBytes(1, 23))))
      await Promise.all(keys.slice(0, 2).map((key) => store.delete(key)))
      const page = await store.list({ prefix, delimiter: '/', limit: 1 })
      demandKeys(page.prefixes, [`${prefix}c/`], 'A folded listing after deletions')
      demand((await store.list({ prefix: `${prefix}a/` })).objects.length === 0, 'A deleted key is listed')
      demand(
        (await store.list({ prefix: `${prefix}never/` })).objects.length === 0,
        'A prefix that never existed has keys',
      )
    },
  },
  {
    property: '3,001 keys are listed in pages, each once',
    quick: false,
    async run(store, { folder, id }) {
      const prefix = `${folder}${id}-many/`
      const keys = Array.from({ length: 3_001 }, (_, index) => `${prefix}${index % 7}/${index}`)
      await inParallel(keys, 32, async (key) => {
        demand(await store.putIfAbsent(key, makeBytes(3, 24)), `The put of ${key} returns false`)
      })
      const { objects, pages } = await listAll(store, { prefix })
      demandKeys(
        objects.map(({ key }) => key),
        keys.toSorted(),
        'A listing of 3,001 keys',
      )
      demand(pages >= 4, `3,001 keys are listed in ${pages} pages, although a page holds 1,000`)
    },
  },
]
