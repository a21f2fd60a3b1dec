import { drainBytes, isStream } from '../../stores/byte-stream.ts'
import type { ObjectBody, ObjectStore } from '../../stores/object-store.ts'

/**
 * A store that only one process writes to: it checks a key, then writes it, with one writer per key at a
 * time.
 */
export function writeExclusively(
  store: Omit<ObjectStore, 'putIfAbsent'>,
  put: (key: string, body: ObjectBody) => Promise<void>,
): ObjectStore {
  const writers = new Map<string, Promise<unknown>>()

  async function putFree(key: string, body: ObjectBody): Promise<boolean> {
    if ((await store.head(key)) !== undefined) {
      if (isStream(body)) await drainBytes(body)
      return false
    }
    await put(key, body)
    return true
  }

  return {
    ...store,
    async putIfAbsent(key, body) {
      const earlier = writers.get(key)
      const writing = (async () => {
        await earlier?.catch(() => {}) // Its own caller gets the error.
        return await putFree(key, body)
      })()
      writers.set(key, writing)
      try {
        return await writing
      } finally {
        if (writers.get(key) === writing) writers.delete(key)
      }
    },
  }
}
