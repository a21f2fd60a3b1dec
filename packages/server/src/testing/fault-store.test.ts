import { expect, test } from 'vitest'
import { createMemoryStore } from '../stores/memory-store.ts'
import { createFaultStore, type StoreFault } from './fault-store.ts'

const bytes = new Uint8Array([1, 2, 3, 4])

function faulty(...faults: (StoreFault | undefined)[]) {
  const inner = createMemoryStore()
  const wrapped = createFaultStore(inner, ({ number }) => faults[number - 1])
  return { inner, ...wrapped, releaseLate: wrapped.releaseLate.bind(wrapped) }
}

const unavailable = { code: 'store_unavailable' }

test('one that fails before has no effect, one that fails after has all of it', async () => {
  const { inner, store } = faulty('before', 'after')
  await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject(unavailable)
  await expect(store.putIfAbsent('b', bytes)).rejects.toMatchObject(unavailable)
  expect(await inner.head('a')).toBeUndefined()
  expect(await inner.head('b')).toMatchObject({ size: 4 })
})

test('one that is late has its effect when it arrives, with the bytes that it was given', async () => {
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

test('a put that is torn leaves nothing in a store that keeps its promises', async () => {
  const { inner, store } = faulty('torn')
  await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject(unavailable)
  expect(await inner.head('a')).toBeUndefined()
})

test('behind a crash nothing has an effect any more', async () => {
  const { inner, store } = faulty('crash after')
  await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject(unavailable)
  await expect(store.putIfAbsent('b', bytes)).rejects.toMatchObject(unavailable)
  await expect(store.list({ prefix: '' })).rejects.toMatchObject(unavailable)
  expect((await inner.list({ prefix: '' })).objects.map(({ key }) => key)).toEqual(['a'])
})

test('a read that is stale does not see what was stored last', async () => {
  const { store } = faulty(undefined, 'stale', 'stale', undefined)
  await store.putIfAbsent('a', bytes)
  expect(await store.head('a')).toBeUndefined()
  expect((await store.list({ prefix: '' })).objects).toEqual([])
  expect(await store.head('a')).toBeDefined()
})
