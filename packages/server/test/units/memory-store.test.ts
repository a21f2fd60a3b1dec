import { describe, expect, test } from 'vitest'
import { describeObjectStore } from '../../src/testing/index.ts'
import { createMemoryStore } from '../../src/stores/memory-store.ts'

describeObjectStore('memory', async () => ({ store: createMemoryStore() }), { describe, test })

test('ages follow the given clock', async () => {
  let time = 1_000_000
  const store = createMemoryStore({ now: () => time })
  await store.putIfAbsent('a', new Uint8Array(1))
  time += 5000
  expect((await store.head('a'))?.ageMs).toBe(5000)
})

test.each(['', '/a', 'a/', 'a//b', '..', 'a/../b', '.hidden', 'a b', 'ä', `${'a/'.repeat(450)}a`])(
  '%j is refused as a key',
  async (key) => {
    const store = createMemoryStore()
    await expect(store.putIfAbsent(key, new Uint8Array(1))).rejects.toMatchObject({ code: 'internal_error' })
    await expect(store.get(key)).rejects.toMatchObject({ code: 'internal_error' })
  },
)

test('100,000 keys are paged quickly, even while keys are added and deleted', async () => {
  const store = createMemoryStore()
  const bytes = new Uint8Array(1)
  for (let index = 0; index < 100_000; index += 1) await store.putIfAbsent(`k/${index % 256}/${index}`, bytes)
  const start = performance.now()
  for (let index = 0; index < 100; index += 1) {
    await store.putIfAbsent(`k/x/${index}`, bytes)
    await store.delete(`k/${index}/${index}`)
    expect((await store.list({ prefix: 'k/', limit: 10 })).objects).toHaveLength(10)
    expect((await store.list({ prefix: 'k/', delimiter: '/' })).prefixes.length).toBeGreaterThan(250)
  }
  expect(performance.now() - start).toBeLessThan(10_000)
})
