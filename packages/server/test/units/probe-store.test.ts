import { expect, test } from 'vitest'
import { TrackwayError } from '@trackway/protocol'
import { createMemoryStore } from '../../src/stores/memory-store.ts'
import { probeStore } from '../../src/stores/probe-store.ts'
import { unsuitableStores } from './unsuitable-stores.ts'

test.each(unsuitableStores)('the probe refuses a store that $fault', async ({ create }) => {
  const store = create()
  const refusal = await probeStore(store).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'store_unsuitable', details: { property: expect.any(String) } })
  expect(String(refusal)).toContain(store.description)
})

test('the probe refuses a store that lets two racers win only now and then, each time it runs', async () => {
  const lucky = unsuitableStores.filter(({ fault }) => fault.startsWith('lets a racer win'))
  const stores = lucky.flatMap(({ create }) => Array.from({ length: 10 }, create))
  expect(stores).toHaveLength(20)
  for (const store of stores) {
    const refusal = await probeStore(store).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ details: { property: expect.stringMatching(/rac(e|ing)/) } })
  }
})

test('the probe passes on the error of a store that does not answer', async () => {
  const failure = new TrackwayError('store_unavailable', 'The network is down')
  const store = { ...createMemoryStore(), putIfAbsent: () => Promise.reject(failure) }
  await expect(probeStore(store)).rejects.toBe(failure)
})
