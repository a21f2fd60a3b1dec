import { setImmediate as nextTurn } from 'node:timers/promises'
import { TrackwayError } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { countUsage } from '../src/engine/count-usage.ts'
import { createMemoryStore, type ObjectStore } from '../src/index.ts'
import { openApp } from './engine-app.ts'

test('a count that cannot read a record fails once, while the store is still listed', async () => {
  const store = createMemoryStore()
  const app = await openApp({ store })
  await app.commit('one')
  await app.commit('two')
  const slow: ObjectStore = {
    ...store,
    async list(options) {
      for (let turn = 0; turn < 3; turn += 1) await nextTurn()
      return store.list({ ...options, limit: 1 })
    },
    get: (key, range) =>
      key.includes('/v/')
        ? Promise.reject(new TrackwayError('store_unavailable', 'The store is down', { retryable: true }))
        : store.get(key, range),
  }
  await expect(countUsage(slow, 't', new Map())).rejects.toMatchObject({ code: 'store_unavailable' })
})
