import type { ByteStream, ObjectStore } from '../object-store.ts'
import {
  demand,
  demandBytes,
  inParallel,
  makeBytes,
  readObject,
  type StoreCheck,
  streamOf,
} from './store-check.ts'

/** Writes to keys that are taken, or may be in a moment. */
export const conditionChecks: StoreCheck[] = [
  {
    property: 'a second put of a key returns false and changes nothing',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-taken`
      const first = makeBytes(100, 2)
      demand(await store.putIfAbsent(key, first), 'The put of a free key returns false')
      demand(!(await store.putIfAbsent(key, makeBytes(100, 3))), 'A second put returns true')
      let isReadToEnd = false
      async function* second(): ByteStream {
        yield makeBytes(50, 4)
        yield makeBytes(50, 5)
        isReadToEnd = true
      }
      demand(!(await store.putIfAbsent(key, second())), 'A second put of a stream returns true')
      demand(isReadToEnd, 'The stream of a second put is not read to its end')
      demandBytes(await readObject(store, key), first, 'The object after a second put')
    },
  },
  {
    property: 'exactly one of several racing puts wins, and its bytes are read',
    quick: true,
    run: (store, { folder, id }) => race(store, `${folder}${id}-race`, 0),
  },
]

/** Milliseconds between two racers: how long the store takes decides which delay reveals a gap. */
const distances = [0, 0, 0, 1, 1, 2]
/** If every second race reveals a store without conditions, 24 races miss it once in 16 million times. */
const races = 24
const racesAtOnce = 12

/** A promise that a store without conditions may keep once by chance. */
export const repeatedRace: StoreCheck = {
  property: 'one of several racing puts wins each time, in many races with different delays',
  quick: true,
  async run(store, { folder, id }) {
    const turns = Array.from({ length: races }, (_, turn) => turn)
    await inParallel(turns, racesAtOnce, (turn) =>
      race(store, `${folder}${id}-race-${turn}`, distances[turn % distances.length] ?? 0),
    )
  },
}

/** Demands that exactly one of eight puts of a key wins, which begin some milliseconds apart. */
async function race(store: ObjectStore, key: string, distanceMs: number): Promise<void> {
  const bodies = Array.from({ length: 8 }, (_, index) => makeBytes(500 + index, index))
  const answers = await Promise.all(
    bodies.map(async (body, index) => {
      if (distanceMs > 0) await new Promise((resolve) => setTimeout(resolve, index * distanceMs))
      return store.putIfAbsent(key, body)
    }),
  )
  const winners = bodies.filter((_, index) => answers[index])
  demand(winners.length === 1 && winners[0] !== undefined, `Of 8 racing puts ${winners.length} win`)
  demandBytes(await readObject(store, key), winners[0], 'The object that puts raced for')
}

/** Writes and deletions, one object at a time or racing for it. */
export const putChecks: StoreCheck[] = [
  {
    property: 'get, head and list see a put at once',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-seen`
      const bytes = makeBytes(1000, 1)
      demand(await store.putIfAbsent(key, bytes), 'The put of a free key returns false')
      const object = await store.get(key)
      demand(
        object?.key === key && object.size === bytes.length,
        'get does not return the stored key and size',
      )
      demandBytes(await readObject(store, key), bytes, 'A newly stored object')
      const head = await store.head(key)
      demand(head?.key === key && head.size === bytes.length, 'head does not return the stored key and size')
      const listed = (await store.list({ prefix: key })).objects
      demand(listed.length === 1 && listed[0]?.key === key, 'The listing lacks a newly stored object')
      demand(listed[0].size === bytes.length, 'The listing returns another size than was stored')
    },
  },
  {
    property: 'a key that was never stored is absent',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-absent`
      demand((await store.get(key)) === undefined, 'get finds an object that was never stored')
      demand((await store.head(key)) === undefined, 'head finds an object that was never stored')
      demand(
        (await store.list({ prefix: key })).objects.length === 0,
        'list finds an object that was never stored',
      )
      await store.delete(key)
    },
  },
  ...conditionChecks,
  repeatedRace,
  {
    property: 'a put whose stream breaks off leaves nothing',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-torn`
      const failure = new Error('the bytes stop coming')
      let wasSeen = false
      async function* torn(): ByteStream {
        yield makeBytes(4000, 6)
        wasSeen = (await store.head(key)) !== undefined
        throw failure
      }
      const outcome = await store.putIfAbsent(key, torn()).catch((error: unknown) => error)
      demand(outcome === failure, 'A put whose stream throws does not throw the same error')
      demand(!wasSeen, 'An object is visible before all of it is stored')
      demand((await store.head(key)) === undefined, 'A put that failed leaves an object')
      const { objects } = await store.list({ prefix: key })
      demand(objects.length === 0, 'A put that failed leaves something in the listing')
      demand(await store.putIfAbsent(key, streamOf(makeBytes(10, 7))), 'A put that failed keeps its key')
    },
  },
  {
    property: 'a deleted object is gone at once and its key is free',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-deleted`
      await store.putIfAbsent(key, makeBytes(10, 8))
      await store.delete(key)
      demand((await store.get(key)) === undefined, 'get finds a deleted object')
      demand((await store.head(key)) === undefined, 'head finds a deleted object')
      demand((await store.list({ prefix: key })).objects.length === 0, 'list finds a deleted object')
      const again = makeBytes(20, 9)
      demand(await store.putIfAbsent(key, again), 'The key of a deleted object is still taken')
      demandBytes(await readObject(store, key), again, 'The object that replaced a deleted one')
    },
  },
  {
    property: 'the age of an object follows a clock within five minutes of ours',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-age`
      await store.putIfAbsent(key, makeBytes(1, 10))
      const { objects } = await store.list({ prefix: key })
      for (const info of [await store.head(key), await store.get(key), objects[0]]) {
        const ageMs = info?.ageMs ?? Number.NaN
        demand(Math.abs(ageMs) <= 5 * 60 * 1000, `A newly stored object is ${ageMs} ms old`)
      }
    },
  },
]
