import type { ObjectInfo, ObjectStore } from '@trackway/server'

/**
 * A store whose objects age by a simulated clock, in addition to their real age, since a real store cannot
 * let a week pass in a moment. It has to see everything that is written and deleted.
 */
export function agingStore(store: ObjectStore, now: () => number): ObjectStore {
  const storedAt = new Map<string, number>()
  const aged = <Info extends ObjectInfo>(info: Info): Info => ({
    ...info,
    ageMs: info.ageMs + now() - (storedAt.get(info.key) ?? now()),
  })
  return {
    ...store,
    async get(key, range) {
      const object = await store.get(key, range)
      return object && aged(object)
    },
    async head(key) {
      const info = await store.head(key)
      return info && aged(info)
    },
    async putIfAbsent(key, body) {
      const begin = now()
      const isStored = await store.putIfAbsent(key, body)
      if (isStored) storedAt.set(key, begin)
      return isStored
    },
    async list(options) {
      const page = await store.list(options)
      return { ...page, objects: page.objects.map(aged) }
    },
    async delete(key) {
      // An object that is stored again meanwhile is new.
      storedAt.delete(key)
      await store.delete(key)
    },
  }
}
