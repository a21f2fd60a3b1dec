import { setImmediate as settlePromises } from 'node:timers/promises'
import type { ObjectStore } from '@trackway/server'

/** A store over a network that knows which operations are under way. */
export interface WatchedStore {
  store: ObjectStore
  /**
   * Resolves when nothing runs except at most this many operations, none of which is waited for while
   * something else can continue: a scheduler waits for this between two turns.
   */
  settle(isAnyoneWaiting: () => boolean): Promise<void>
}

/** `atOnce`: how many operations may be under way at a time. With one, a run is repeatable by its number. */
export function watchStore(over: ObjectStore, atOnce: number): WatchedStore {
  let underWay = 0
  let notify = () => {}

  async function watch<Result>(operation: Promise<Result>): Promise<Result> {
    underWay += 1
    try {
      return await operation
    } finally {
      underWay -= 1
      notify()
    }
  }

  return {
    store: {
      description: over.description,
      get: (key, range) => watch(over.get(key, range)),
      head: (key) => watch(over.head(key)),
      putIfAbsent: (key, body) => watch(over.putIfAbsent(key, body)),
      list: (options) => watch(over.list(options)),
      delete: (key) => watch(over.delete(key)),
    },
    async settle(isAnyoneWaiting) {
      for (;;) {
        await settlePromises()
        if (underWay === 0 || (underWay < atOnce && isAnyoneWaiting())) return
        await new Promise<void>((resolve) => (notify = resolve))
      }
    },
  }
}
