import { expect, test } from 'vitest'
import { createMemoryStore } from '../../src/stores/memory-store.ts'
import type { ObjectBody } from '../../src/stores/object-store.ts'
import { writeExclusively } from '../../src/node/s3/exclusive-writer.ts'

/** A store that overwrites, wrapped for a single process. */
function openExclusive() {
  const memory = createMemoryStore()
  let failure: Error | undefined
  const store = writeExclusively(memory, async (key, body) => {
    const thrown = failure
    failure = undefined
    if (thrown !== undefined) throw thrown
    await memory.delete(key)
    await memory.putIfAbsent(key, body)
  })
  const failOnce = (error: Error) => {
    failure = error
  }
  return { store, failOnce }
}

const bytes = (value: number) => new Uint8Array([value])

async function readFirst(store: ReturnType<typeof openExclusive>['store'], key: string) {
  for await (const piece of (await store.get(key))?.body ?? []) return piece[0]
  return undefined
}

test('the first of concurrent writers wins', async () => {
  const { store } = openExclusive()
  const answers = await Promise.all([1, 2, 3].map((value) => store.putIfAbsent('key', bytes(value))))
  expect(answers).toEqual([true, false, false])
  expect(await readFirst(store, 'key')).toBe(1)
})

test('a writer that fails leaves the key to the waiting one', async () => {
  const { store, failOnce } = openExclusive()
  failOnce(new Error('no'))
  const [first, second] = await Promise.allSettled(
    [1, 2].map((value) => store.putIfAbsent('key', bytes(value))),
  )
  expect(first).toMatchObject({ status: 'rejected', reason: new Error('no') })
  expect(second).toEqual({ status: 'fulfilled', value: true })
})

test('a stream for a key that is taken is read to its end', async () => {
  const { store } = openExclusive()
  await store.putIfAbsent('key', bytes(1))
  let isReadToEnd = false
  async function* stream() {
    yield bytes(2)
    isReadToEnd = true
  }
  const body: ObjectBody = stream()
  expect(await store.putIfAbsent('key', body)).toBe(false)
  expect(isReadToEnd).toBe(true)
})
