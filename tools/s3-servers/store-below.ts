import type { ObjectInfo, ObjectStore } from '@trackway/server'

/** A folder of a store, as a separate store. */
export function storeBelow(store: ObjectStore, folder: string): ObjectStore {
  const own = (key: string) => key.slice(folder.length)
  const ownInfo = <Info extends ObjectInfo>(info: Info | undefined): Info | undefined =>
    info && { ...info, key: own(info.key) }
  return {
    description: `${folder} of ${store.description}`,
    get: async (key, range) => ownInfo(await store.get(folder + key, range)),
    head: async (key) => ownInfo(await store.head(folder + key)),
    putIfAbsent: (key, body) => store.putIfAbsent(folder + key, body),
    delete: (key) => store.delete(folder + key),
    async list({ prefix, after, ...options }) {
      const page = await store.list({
        ...options,
        prefix: folder + prefix,
        ...(after !== undefined && { after: folder + after }),
      })
      return {
        objects: page.objects.map((info) => ({ ...info, key: own(info.key) })),
        prefixes: page.prefixes.map(own),
        ...(page.next !== undefined && { next: own(page.next) }),
      }
    },
  }
}
