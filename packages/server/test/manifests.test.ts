import { createManifest, sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createApp, createMemoryStore, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { bytesOf, manifestOf, openApp } from './engine-app.ts'
import { manyBlobs } from './heavy-store.ts'

const text = (content: string) => new TextEncoder().encode(content)

function counting(store: ObjectStore) {
  const looks: string[] = []
  const counted: ObjectStore = {
    ...store,
    head(key) {
      looks.push(key)
      return store.head(key)
    },
  }
  return { counted, looks }
}

test.each([
  ['no header', '[]\n', 'header', 1],
  ['a path that leads out', '{"path":"../x","size":0,"digest":"sha256:00","parts":[]}\n', 'entry', 2],
  ['no line feed at the end', '{', 'line-end', 2],
])('a manifest with %s is refused with its line and rule, and not stored', async (_, lines, rule, line) => {
  const app = await openApp()
  const header = '{"formatVersion":1,"chunker":"x","files":0,"bytes":0}\n'
  const body = text(line === 1 ? lines : header + lines)
  const path = `/api/v1/teams/t/manifests/${sha256(body)}`
  const inner = await createApp({ store: app.store, access: { user: 'tester' } })
  const request = { method: 'PUT', headers: { 'content-type': 'application/x-ndjson' }, body }
  const response = await inner.fetch(new Request(`http://test${path}`, request))
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ code: 'manifest_invalid', rule, line })
  expect(await app.store.head(layout.manifest('t', sha256(body)))).toBeUndefined()
})

test('the search for missing blobs ends after 50,000', async () => {
  const { counted, looks } = counting(createMemoryStore())
  const app = await openApp({ store: counted })
  looks.length = 0
  const { status, body } = await app.putManifest(manyBlobs(52_000))
  expect(status).toBe(200)
  expect(body.missing).toHaveLength(50_000)
  const blobs = looks.filter((key) => key.startsWith('t/t/b/'))
  expect(blobs.length).toBeLessThan(51_001)
})

test('a manifest under another digest is not stored', async () => {
  const app = await openApp()
  const { store } = app
  const inner = await createApp({ store, access: { user: 'tester' } })
  const wrong = sha256(text('something else'))
  const request = {
    method: 'PUT',
    headers: { 'content-type': 'application/x-ndjson' },
    body: bytesOf(manifestOf('a')),
  }
  const response = await inner.fetch(new Request(`http://test/api/v1/teams/t/manifests/${wrong}`, request))
  expect(await response.json()).toMatchObject({ status: 422, code: 'digest_mismatch' })
  expect((await store.list({ prefix: 't/t/m/' })).objects).toEqual([])
})

test('a manifest that breaks off half-way is not stored', async () => {
  const store = createMemoryStore()
  const app = await createApp({ store, access: { user: 'tester' } })
  const bytes = bytesOf(manifestOf('a'))
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, 60))
      controller.error(new Error('cut'))
    },
  })
  const init: RequestInit & { duplex: 'half' } = {
    method: 'PUT',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
    duplex: 'half',
  }
  const response = await app.fetch(new Request(`http://test/api/v1/teams/t/manifests/${sha256(bytes)}`, init))
  expect(response.status).toBe(400)
  expect((await store.list({ prefix: 't/t/m/' })).objects).toEqual([])
})

test('a manifest that is already stored gets its own reservation each time', async () => {
  const app = await openApp()
  await app.putBlobs(text('a'))
  const first = await app.putManifest(manifestOf('a'))
  const second = await app.putManifest(manifestOf('a'))
  expect(first.body['reservation']).not.toBe(second.body['reservation'])
  expect((await app.store.list({ prefix: 't/t/m/' })).objects).toHaveLength(1)
})

test('blobs of an existing base are not looked up', async () => {
  const { counted, looks } = counting(createMemoryStore())
  const app = await openApp({ store: counted })
  await app.commit('a')
  looks.length = 0
  expect(await app.putManifest(manifestOf('a'), '?experiment=e&base=dataset/sample:V1')).toMatchObject({
    status: 200,
  })
  expect(looks.filter((key) => key.startsWith('t/t/b/'))).toEqual([])
  expect(await app.putManifest(manifestOf('a'), '?experiment=e&base=dataset/sample:V9')).toMatchObject({
    status: 200,
  })
  expect(looks.filter((key) => key.startsWith('t/t/b/'))).toHaveLength(1)
})

test('an error names the limit that was exceeded', async () => {
  const app = await openApp({ limits: { entries: 1, manifestBytes: 500, requestBytes: 1000, blobBytes: 10 } })
  const digest = sha256(new Uint8Array())
  const entries = ['a', 'b'].map((path) => ({ path, size: 0, digest, parts: [] }))
  expect(await app.putManifest(createManifest([], entries))).toMatchObject({
    status: 413,
    body: { limit: 'entries' },
  })
  const long = [{ path: 'x'.repeat(250), size: 0, digest, parts: [] }, ...entries]
  expect(await app.putManifest(createManifest([], long))).toMatchObject({ status: 413 })
  expect(await app.putBlobs(new Uint8Array(11))).toMatchObject({ status: 413, body: { limit: 'blobBytes' } })
  expect(await app.putBlobs(new Uint8Array(2000))).toMatchObject({ status: 413, body: { code: 'too_large' } })
})

test('a blob that does not match is refused by name, and the others are stored', async () => {
  const store = createMemoryStore()
  const app = await createApp({ store, access: { user: 'tester' } })
  const form = new FormData()
  const right = sha256(text('right'))
  const wrong = sha256(text('wrong'))
  form.append(right, new Blob([text('right')]), 'blob')
  form.append(wrong, new Blob([text('altered')]), 'blob')
  const response = await app.fetch(
    new Request('http://test/api/v1/teams/t/blobs', { method: 'POST', body: form }),
  )
  expect(await response.json()).toMatchObject({ status: 422, code: 'digest_mismatch', digests: [wrong] })
  expect(await store.head(layout.blob('t', right))).toMatchObject({ size: 5 })
  expect(await store.head(layout.blob('t', wrong))).toBeUndefined()
})
