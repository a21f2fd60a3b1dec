import { concatenateBytes } from '@trackway/protocol'
import { createMemoryStore, type ObjectStore } from '@trackway/server'

/** Every object of a store, by its key. */
export type Objects = ReadonlyMap<string, Uint8Array>

/** Reads all objects of a store in memory. */
export async function objectsOf(store: ObjectStore): Promise<Objects> {
  const objects = new Map<string, Uint8Array>()
  for (const { key } of (await store.list({ prefix: '', limit: 100_000 })).objects) {
    const pieces: Uint8Array[] = []
    for await (const piece of (await store.get(key))?.body ?? []) pieces.push(piece)
    // A slice of a Buffer would share its memory.
    objects.set(key, new Uint8Array(concatenateBytes(pieces)))
  }
  return objects
}

/** A store in memory that holds these objects. */
export async function storeOf(objects: Objects): Promise<ObjectStore> {
  const store = createMemoryStore()
  for (const [key, bytes] of objects) await store.putIfAbsent(key, bytes)
  return store
}
