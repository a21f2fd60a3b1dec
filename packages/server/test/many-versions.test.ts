import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createMemoryStore, type ObjectStore } from '../src/index.ts'
import { artifact, openApp } from './engine-app.ts'

/** A store that counts its operations below a folder. */
function countingStore(folder: string) {
  const store = createMemoryStore()
  const counted = { requests: 0 }
  const count = (key: string) => {
    if (key.includes(folder)) counted.requests += 1
  }
  return {
    counted,
    store: {
      ...store,
      get: (key, range) => (count(key), store.get(key, range)),
      list: (options) => (count(options.prefix), store.list(options)),
    } satisfies ObjectStore,
  }
}

test('a version with many aliases costs a few requests to the store and shows them as they are now', async () => {
  const { counted, store } = countingStore('/alias/')
  const app = await openApp({ store })
  await app.commit('one')
  await app.commit('two')
  const names = Array.from({ length: 1_100 }, (_, number) => `a${number}`)
  const move = (alias: string, tag: string | null) => app.send('PUT', `${artifact}/aliases/${alias}`, { tag })
  for (const alias of names) expect((await move(alias, 'V1')).status).toBe(200)
  const aliasesOf = async (tag: string) =>
    (await app.send('GET', `${artifact}/versions/${tag}`)).body['aliases']

  expect(new Set((await aliasesOf('V1')) as string[])).toEqual(new Set(names)) // The protocol says so.
  await move('a7', 'V2')
  await move('a8', 'V2')
  await move('a8', null)
  counted.requests = 0
  expect(await aliasesOf('V2')).toEqual(['a7'])
  // Two pages, and the moves that were not read yet.
  expect(counted.requests).toBeLessThan(10)
  expect(await aliasesOf('V1')).toHaveLength(1_098)
})

test('a version with more than 10,000 aliases is returned with as many as a client accepts', async () => {
  const store = createMemoryStore()
  const app = await openApp({ store })
  await app.commit('one')
  await app.send('PUT', `${artifact}/aliases/first`, { tag: 'V1' })
  const { objects } = await store.list({ prefix: 't/', limit: 100 })
  const key = objects.find((object) => object.key.includes('/alias/first/'))?.key ?? ''
  const move = await text(Readable.from((await store.get(key))?.body ?? []))
  for (let number = 0; number < 10_000; number += 1)
    await store.putIfAbsent(
      key.replace('/first/', `/a${number}/`),
      Buffer.from(move.replace('first', `a${number}`)),
    )
  const { body } = await app.send('GET', `${artifact}/versions/V1`)
  expect(body['aliases']).toHaveLength(10_000)
})

test('an alias that was moved thousands of times hides no other one, and its history is not read', async () => {
  const { counted, store } = countingStore('/alias/')
  const app = await openApp({ store })
  await app.commit('one')
  await app.commit('two')
  for (const alias of ['busy', 'busy-0', 'busy.0', 'busy0'])
    await app.send('PUT', `${artifact}/aliases/${alias}`, { tag: 'V1' })
  for (let move = 0; move < 2_300; move += 1)
    await app.send('PUT', `${artifact}/aliases/busy`, { tag: move % 2 === 0 ? 'V2' : 'V1' })
  counted.requests = 0
  const { body } = await app.send('GET', `${artifact}/versions/V1`)
  expect(body['aliases']).toEqual(expect.arrayContaining(['busy', 'busy-0', 'busy.0', 'busy0']))
  expect(counted.requests).toBeLessThan(10)
})

test('a commit does not read the records that an earlier commit read, and a repeated one still finds its version', async () => {
  const { counted, store } = countingStore('/v/')
  const app = await openApp({ store })
  const requests = []
  for (let number = 0; number < 100; number += 1) {
    const request = await app.reserve(`content ${number}`)
    requests.push(request)
    counted.requests = 0
    expect((await app.send('POST', `${artifact}/versions`, request)).status).toBe(201)
  }
  expect(counted.requests).toBeLessThan(10)
  for (const index of [0, 50, 99]) {
    const again = await app.send('POST', `${artifact}/versions`, requests[index])
    expect(again.status).toBe(200)
    expect(again.body['tag']).toBe(`V${index + 1}`)
  }
  // A server that has read nothing yet finds it as well.
  const other = await openApp({ store })
  expect((await other.send('POST', `${artifact}/versions`, requests[3])).body['tag']).toBe('V4')
})

test('after a store was restored from a backup, its records are read again', async () => {
  let now = Date.now()
  const store = createMemoryStore({ now: () => now })
  const app = await openApp({ store })
  await app.commit('one')
  await app.commit('two')
  const aliases = async (tag: string) =>
    (await app.send('GET', `${artifact}/versions/${tag}`)).body['aliases']
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  expect(await aliases('V1')).toEqual(['best'])
  const { objects } = await store.list({ prefix: 't/t/a/e/dataset/sample/alias/' })
  const key = objects[0]?.key ?? ''
  await store.delete(key)
  now += 60_000
  const other = {
    formatVersion: 1,
    alias: 'best',
    tag: 'V2',
    movedAt: '2026-01-01T00:00:00.000Z',
    movedBy: 'ada',
  }
  await store.putIfAbsent(key, new TextEncoder().encode(JSON.stringify(other)))
  expect(await aliases('V2')).toEqual(['best'])
})
