import { collectBytes, isStream } from '../../src/stores/byte-stream.ts'
import { createMemoryStore } from '../../src/stores/memory-store.ts'
import type { ByteStream, ObjectStore } from '../../src/stores/object-store.ts'

/** A store that breaks one promise, as real stores do. */
export interface UnsuitableStore {
  /** What is wrong with it. */
  fault: string
  create: () => ObjectStore
}

/** Stores that the probe must refuse. */
export const unsuitableStores: readonly UnsuitableStore[] = [
  { fault: 'ignores the condition, so that the last writer wins', create: createOverwritingStore },
  { fault: 'asks whether the key is free, then writes', create: createCheckingStore },
  { fault: 'lets a racer win beside the first for every second key', create: createLuckyStore },
  { fault: 'lets a racer win that comes a moment after the first', create: createGapStore },
  { fault: 'lists an object only the second time', create: createLateListingStore },
  {
    fault: 'lists out of order',
    create: () => change((store) => ({ list: async (options) => reverse(await store.list(options)) })),
  },
  {
    fault: 'ignores the prefix',
    create: () => change((store) => ({ list: (options) => store.list({ ...options, prefix: '' }) })),
  },
  {
    fault: 'ignores the range',
    create: () => change((store) => ({ get: (key) => store.get(key) })),
  },
  { fault: 'keeps the result of a failed put', create: createTornStore },
  { fault: 'shows an object while it is written', create: createEarlyStore },
  { fault: 'does not delete', create: () => change(() => ({ delete: async () => undefined })) },
  { fault: 'has a clock that is an hour late', create: createLateClockStore },
]

/** A memory store with some methods replaced. */
function change(methods: (store: ObjectStore) => Partial<ObjectStore>): ObjectStore {
  const store = createMemoryStore()
  return { ...store, ...methods(store), description: 'a store that breaks a promise', isLocal: false }
}

function reverse<T extends Awaited<ReturnType<ObjectStore['list']>>>(page: T): T {
  return { ...page, objects: page.objects.toReversed() }
}

function createOverwritingStore(): ObjectStore {
  return change((store) => ({
    async putIfAbsent(key, body) {
      await store.delete(key)
      return store.putIfAbsent(key, body)
    },
  }))
}

function createCheckingStore(): ObjectStore {
  return change((store) => ({
    async putIfAbsent(key, body) {
      if ((await store.head(key)) !== undefined) return store.putIfAbsent(key, body)
      await new Promise((resolve) => setTimeout(resolve, 1))
      await store.delete(key)
      return store.putIfAbsent(key, body)
    },
  }))
}

/** As the store before, but only for every second key, as if by chance. */
function createLuckyStore(): ObjectStore {
  return change((store) => {
    const overwriting = createCheckingStore()
    const isUnlucky = new Map<string, boolean>()
    const storeOf = (key: string) => {
      const unlucky = isUnlucky.get(key) ?? Math.random() < 0.5
      isUnlucky.set(key, unlucky)
      return unlucky ? overwriting : store
    }
    return {
      get: (key, range) => storeOf(key).get(key, range),
      head: (key) => storeOf(key).head(key),
      putIfAbsent: (key, body) => storeOf(key).putIfAbsent(key, body),
      delete: (key) => storeOf(key).delete(key),
      async list(options) {
        const [these, those] = await Promise.all([store.list(options), overwriting.list(options)])
        const objects = [...these.objects, ...those.objects].toSorted((a, b) => (a.key < b.key ? -1 : 1))
        return {
          ...these,
          objects,
          prefixes: [...new Set([...these.prefixes, ...those.prefixes])].toSorted(),
        }
      },
    }
  })
}

/**
 * Puts that begin at the same time are distinguished, but not those that begin while the first one is
 * written.
 */
function createGapStore(): ObjectStore {
  return change((store) => {
    const begun = new Map<string, number>()
    return {
      async putIfAbsent(key, body) {
        const first = begun.get(key)
        if (first !== undefined && performance.now() - first < 0.5) return false
        if ((await store.head(key)) !== undefined) return store.putIfAbsent(key, body)
        begun.set(key, performance.now())
        await new Promise((resolve) => setTimeout(resolve, 3))
        await store.delete(key)
        return store.putIfAbsent(key, body)
      },
    }
  })
}

function createLateListingStore(): ObjectStore {
  return change((store) => {
    const shownOnce = new Set<string>()
    return {
      async list(options) {
        const page = await store.list(options)
        const late = page.objects.filter(({ key }) => shownOnce.has(key))
        for (const { key } of page.objects) shownOnce.add(key)
        return { ...page, objects: late }
      },
    }
  })
}

function createTornStore(): ObjectStore {
  return change((store) => ({
    async putIfAbsent(key, body) {
      if (!isStream(body)) return store.putIfAbsent(key, body)
      let first = new Uint8Array(0)
      async function* watched(pieces: ByteStream): ByteStream {
        for await (const piece of pieces) {
          if (first.length === 0) first = new Uint8Array(piece)
          yield piece
        }
      }
      try {
        return await store.putIfAbsent(key, watched(body))
      } catch (error) {
        await store.putIfAbsent(key, first)
        throw error
      }
    },
  }))
}

function createEarlyStore(): ObjectStore {
  return change((store) => ({
    async putIfAbsent(key, body) {
      if (!isStream(body) || (await store.head(key)) !== undefined) return store.putIfAbsent(key, body)
      await store.putIfAbsent(key, new Uint8Array(0))
      try {
        body = await collectBytes(body)
      } finally {
        await store.delete(key)
      }
      return store.putIfAbsent(key, body)
    },
  }))
}

function createLateClockStore(): ObjectStore {
  return change((store) => ({
    async head(key) {
      const info = await store.head(key)
      return info && { ...info, ageMs: info.ageMs + 60 * 60 * 1000 }
    },
  }))
}
