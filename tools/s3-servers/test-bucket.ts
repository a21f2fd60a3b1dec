import { randomUUID } from 'node:crypto'
import type { ObjectStore } from '@trackway/server'
import { openObjectStore } from '@trackway/server/node'
import pLimit from 'p-limit'
import { storeBelow } from './store-below.ts'
import { below } from './test-stores.ts'

/** An S3 store for the cases of one run, each of which gets an empty folder in it. */
export interface TestBucket {
  newStore(): ObjectStore
  /** The location of a new store, for processes that open it themselves. */
  newLocation(): string
  /** Removes everything that this run stored. */
  clear(): Promise<void>
}

const concurrentDeletions = 32

export async function openTestBucket(location: string): Promise<TestBucket> {
  const own = below(location, randomUUID())
  // Separate clients would keep thousands of connections open.
  const store = await openObjectStore(own)
  let places = 0
  return {
    newStore: () => storeBelow(store, `${(places += 1)}/`),
    newLocation: () => below(own, String((places += 1))),
    async clear() {
      const limit = pLimit(concurrentDeletions)
      for (;;) {
        const { objects } = await store.list({ prefix: '' })
        if (objects.length === 0) return
        await Promise.all(objects.map(({ key }) => limit(() => store.delete(key))))
      }
    },
  }
}
