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

/** Writing where something is, or may be in a moment. */
export const conditionChecks: StoreCheck[] = [
  {
    property: 'a second put of a key answers false and changes nothing',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-taken`
      const first = makeBytes(100, 2)
      demand(await store.putIfAbsent(key, first), 'The put of a free key answers false')
      demand(!(await store.putIfAbsent(key, makeBytes(100, 3))), 'A second put answers true')
      let isReadToEnd = false
      async function* second(): ByteStream {
        yield makeBytes(50, 4)
        yield makeBytes(50, 5)
        isReadToEnd = true
      }
      demand(!(await store.putIfAbsent(key, second())), 'A second put of a stream answers true')
      demand(isReadToEnd, 'The stream of a second put is not read to its end')
      demandBytes(await readObject(store, key), first, 'The object after a second put')
    },
  },
  {
    property: 'of racing puts exactly one wins, and its bytes are what is read',
    quick: true,
    run: (store, { folder, id }) => race(store, `${folder}${id}-race`, 0),
  },
]

/** Milliseconds from one racer to the next: which of them shows a gap depends on how long the store takes. */
const distances = [0, 0, 0, 1, 1, 2]
/** Where every second race shows that a store has no condition, 24 of them miss it once in 16 million times. */
const races = 24
const racesAtOnce = 12

/** What a store without a condition can keep once by chance. */
export const repeatedRace: StoreCheck = {
  property: 'of puts that race again and again, at several distances, one wins each time',
  quick: true,
  async run(store, { folder, id }) {
    const turns = Array.from({ length: races }, (_, turn) => turn)
    await inParallel(turns, racesAtOnce, (turn) =>
      race(store, `${folder}${id}-race-${turn}`, distances[turn % distances.length] ?? 0),
    )
  },
}

/** Demands that one of eight puts of a key wins, each of which begins some milliseconds after the one before. */
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

/** Writing and removing, one object at a time or racing for it. */
export const putChecks: StoreCheck[] = [
  {
    property: 'a put is seen at once by get, head and list',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-seen`
      const bytes = makeBytes(1000, 1)
      demand(await store.putIfAbsent(key, bytes), 'The put of a free key answers false')
      const object = await store.get(key)
      demand(object?.key === key && object.size === bytes.length, 'get does not say key and size as stored')
      demandBytes(await readObject(store, key), bytes, 'What was just stored')
      const head = await store.head(key)
      demand(head?.key === key && head.size === bytes.length, 'head does not say key and size as stored')
      const listed = (await store.list({ prefix: key })).objects
      demand(listed.length === 1 && listed[0]?.key === key, 'The listing misses what was just stored')
      demand(listed[0].size === bytes.length, 'The listing says another size than what was stored')
    },
  },
  {
    property: 'a key that was never stored is absent',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-absent`
      demand((await store.get(key)) === undefined, 'get finds what was never stored')
      demand((await store.head(key)) === undefined, 'head finds what was never stored')
      demand((await store.list({ prefix: key })).objects.length === 0, 'list finds what was never stored')
      await store.delete(key)
    },
  },
  ...conditionChecks,
  repeatedRace,
  {
    property: 'a put whose bytes stop coming leaves nothing',
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
      demand(!wasSeen, 'An object is seen before all of it is stored')
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
      demand((await store.get(key)) === undefined, 'get finds what was deleted')
      demand((await store.head(key)) === undefined, 'head finds what was deleted')
      demand((await store.list({ prefix: key })).objects.length === 0, 'list finds what was deleted')
      const again = makeBytes(20, 9)
      demand(await store.putIfAbsent(key, again), 'The key of a deleted object stays taken')
      demandBytes(await readObject(store, key), again, 'The object stored in the place of a deleted one')
    },
  },
  {
    property: 'the age of an object follows a clock that agrees with ours to five minutes',
    quick: true,
    async run(store, { folder, id }) {
      const key = `${folder}${id}-age`
      await store.putIfAbsent(key, makeBytes(1, 10))
      const { objects } = await store.list({ prefix: key })
      for (const info of [await store.head(key), await store.get(key), objects[0]]) {
        const ageMs = info?.ageMs ?? Number.NaN
        demand(Math.abs(ageMs) <= 5 * 60 * 1000, `What was just stored is said to be ${ageMs} ms old`)
      }
    },
  },
]
