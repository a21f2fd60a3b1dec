import { demand, demandBytes, makeBytes, readObject, type StoreCheck, streamOf } from './store-check.ts'

const mebibyte = 1024 * 1024

/** Reads of objects: whole, in parts, large and empty. */
export const readChecks: StoreCheck[] = [
  {
    property: 'a range returns exactly its bytes',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-ranges`
      const bytes = makeBytes(1000, 11)
      await store.putIfAbsent(key, bytes)
      const ranges: [start: number, end: number][] = [
        [0, 10],
        [400, 600],
        [990, 1000],
        [990, 5000],
        [500, 500],
        [1000, 1001],
        [2000, 3000],
      ]
      await Promise.all(
        ranges.map(async ([start, end]) => {
          const actual = await readObject(store, key, { start, end })
          demandBytes(actual, bytes.subarray(start, end), `The range from ${start} to ${end} of 1000 bytes`)
        }),
      )
      const part = await store.get(key, { start: 1, end: 2 })
      demand(part?.size === bytes.length, 'The size returned with a range is not that of the whole object')
      demand(
        (await store.get(`${key}-none`, { start: 0, end: 1 })) === undefined,
        'A range of a missing object is found',
      )
    },
  },
  {
    property: 'an empty object is an object',
    quick: false,
    async run(store, { folder, id }) {
      for (const [name, body] of [
        ['empty', new Uint8Array(0)],
        ['empty-stream', streamOf()],
        ['empty-pieces', streamOf(new Uint8Array(0), new Uint8Array(0))],
      ] as const) {
        const key = `${folder}${id}-${name}`
        demand(await store.putIfAbsent(key, body), 'The put of an empty object returns false')
        demand(!(await store.putIfAbsent(key, makeBytes(1, 12))), 'An empty object does not take its key')
        demand((await store.head(key))?.size === 0, 'An empty object has a size')
        demandBytes(await readObject(store, key), new Uint8Array(0), 'An empty object')
        demandBytes(await readObject(store, key, { start: 0, end: 5 }), new Uint8Array(0), 'Its range')
      }
    },
  },
  {
    property: 'a large object is stored from a stream and read in ranges',
    quick: false,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-large`
      const bytes = makeBytes(16 * mebibyte + 123, 13)
      const pieces: Uint8Array[] = []
      for (let start = 0; start < bytes.length; start += 700_001)
        pieces.push(bytes.subarray(start, start + 700_001))
      demand(await store.putIfAbsent(key, streamOf(...pieces)), 'The put of a large object returns false')
      demandBytes(await readObject(store, key), bytes, 'A large object')
      for (let start = 0; start < bytes.length; start += 5 * mebibyte) {
        const range = { start, end: start + 5 * mebibyte }
        demandBytes(
          await readObject(store, key, range),
          bytes.subarray(start, range.end),
          `5 MiB from ${start}`,
        )
      }
      await stopEarly(store, key)
    },
  },
  {
    property: 'stored bytes share no memory with writers or readers',
    quick: false,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-copied`
      const given = makeBytes(100, 14)
      await store.putIfAbsent(key, given)
      given.fill(0)
      const read = await readObject(store, key)
      demandBytes(read, makeBytes(100, 14), 'An object whose writer reused the memory')

      const streamed = `${key}-stream`
      const buffer = new Uint8Array(50)
      async function* refilled() {
        yield buffer.fill(1)
        yield buffer.fill(2)
      }
      await store.putIfAbsent(streamed, refilled())
      const expected = new Uint8Array(100).fill(1, 0, 50).fill(2, 50)
      demandBytes(await readObject(store, streamed), expected, 'An object streamed through one buffer')

      for await (const piece of (await store.get(key))?.body ?? []) piece.fill(0)
      demandBytes(
        await readObject(store, key),
        makeBytes(100, 14),
        'An object whose reader wrote into a piece',
      )
    },
  },
]

/** Readers that stop early or never begin have no effect. */
async function stopEarly(store: Parameters<StoreCheck['run']>[0], key: string): Promise<void> {
  await store.get(key)
  for await (const piece of (await store.get(key))?.body ?? []) {
    demand(piece.length > 0 && piece.length <= 4 * mebibyte, `A piece of a body has ${piece.length} bytes`)
    break
  }
  await store.delete(key)
  demand((await store.head(key)) === undefined, 'An object with a reader that stopped is not deleted')
}
