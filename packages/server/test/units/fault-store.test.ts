import { expect, test } from 'vitest'
import { createMemoryStore } from '../../src/stores/memory-store.ts'
import { createFaultStore, type StoreFault } from '../../src/testing/fault-store.ts'

const bytes = new Uint8Array([1, 2, 3, 4])

function faulty(...faults: (StoreFault | undefined)[]) {
  const inner = createMemoryStore()
  const wrapped = createFaultStore(inner, ({ number }) => faults[number - 1])
  return { inner, ...wrapped, releaseLate: wrapped.releaseLate.bind(wrapped) }
}

const unavailable = { code: 'store_unavailable' }

test('a fault before the operation prevents its effect, and one after it does not', async () => {
  const { inner, store } = faulty('before', 'after')
  await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject(unavailable)
  await expect(store.putIfAbsent('b', bytes)).rejects.toMatchObject(unavailable)
  expect(await inner.head('a')).toBeUndefined()
  expect(await inner.head('b')).toMatchObject({ size: 4 })
})

test('a late operation has its effect when it arrives, with the bytes that it was given', async () => {
  const { inner, store, releaseLate } = faulty('later')
  const given = bytes.slice()
  await expect(store.putIfAbsent('a', given)).rejects.toMatchObject(unavailable)
  given.fill(9)
  expect(await inner.head('a')).toBeUndefined()
  await releaseLate()
  const pieces: Uint8Array[] = []
  for await (const piece of (await inner.get('a'))?.body ?? []) pieces.push(piece)
  expect(pieces).toEqual([bytes])
})

test('a torn put leaves nothing in a store that keeps its promises', async () => {
  const { inner, store } = faulty('torn')
  await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject(unavailable)
  expect(await inner.head('a')).toBeUndefined()
})

test('nothing has an effect after a crash', async () => {
  const { inner, store } = faulty('crash after')
  await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject(unavailable)
  await expect(store.putIfAbsent('b', bytes)).rejects.toMatchObject(unavailable)
  await expect(store.list({ prefix: '' })).rejects.toMatchObject(unavailable)
  expect((await inner.list({ prefix: '' })).objects.map(({ key }) => key)).toEqual(['a'])
})

test('a stale read does not see the last write', async () => {
  const { store } = faulty(undefined, 'stale', 'stale', undefined)
  await store.putIfAbsent('a', bytes)
  expect(await store.head('a')).toBeUndefined()
  expect((await store.list({ prefix: '' })).objects).toEqual([])
  expect(await store.head('a')).toBeDefined()
})
