import { apiBase, presignedUrlsSchema, serviceSchema, sha256, type PresignedUrl } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createApiKey, createApp, createMemoryStore, type ObjectStore } from '../src/index.ts'
import { createSigningStore } from '../src/testing/index.ts'
import { manifestOf, openApp } from './engine-app.ts'

const content = 'the content of a blob'
const bytes = new TextEncoder().encode(content)
const digest = sha256(bytes)
const urls = { download: '/teams/t/blobs/presigned-downloads', upload: '/teams/t/blobs/presigned-uploads' }

async function openSigning(options: Parameters<typeof openApp>[0] = {}) {
  const bucket = createSigningStore({ origin: () => 'http://bucket.test' })
  return { bucket, app: await openApp({ store: bucket.store, ...options }) }
}

/** The only presigned URL of a response. */
function urlOf(answer: { status: number; body: unknown }): PresignedUrl {
  expect(answer.status).toBe(200)
  const [presigned, ...others] = presignedUrlsSchema.parse(answer.body).urls
  expect(others).toEqual([])
  if (presigned === undefined) throw new Error('The answer holds no presigned URL')
  return presigned
}

function putBy({ url, headers }: PresignedUrl, body = content): Request {
  return new Request(url, { method: 'PUT', headers, body })
}

async function offersOf(store: ObjectStore): Promise<string[]> {
  const app = await openApp({ store })
  return serviceSchema.parse((await app.send('GET', '')).body).offers
}

test('presigned URLs are offered if and only if the store can sign', async () => {
  const { store } = createSigningStore({ origin: () => 'http://bucket.test' })
  const { signing } = store
  if (signing === undefined) throw new Error('The store of this test signs')
  const reading = { ...store, signing: { get: signing.get } }
  expect(await offersOf(createMemoryStore())).toEqual([])
  expect(await offersOf(store)).toEqual(['presigned-downloads', 'presigned-uploads'])
  expect(await offersOf(reading)).toEqual(['presigned-downloads'])
})

test('a server that offers no presigned URLs returns none', async () => {
  const app = await openApp()
  expect((await app.send('POST', urls.download, { digests: [digest] })).body).toEqual({ urls: [] })
  expect((await app.send('POST', urls.upload, { blobs: [{ digest, size: 9 }] })).body).toEqual({ urls: [] })
})

test('a version can be made of blobs that never pass through the server, and read back in the same way', async () => {
  const { bucket, app } = await openSigning()
  const upload = urlOf(await app.send('POST', urls.upload, { blobs: [{ digest, size: bytes.length }] }))
  expect(upload.digest).toBe(digest)
  expect((await bucket.fetch(putBy(upload))).status).toBe(200)
  expect((await bucket.fetch(putBy(upload))).status).toBe(412)
  expect((await app.putManifest(manifestOf(content))).body).toMatchObject({ missing: [] })

  const download = urlOf(await app.send('POST', urls.download, { digests: [digest] }))
  const response = await bucket.fetch(new Request(download.url, { headers: download.headers }))
  expect(await response.text()).toBe(content)
})

test('a presigned URL is valid for 15 minutes', async () => {
  const { app } = await openSigning()
  const begin = Date.now()
  for (const answer of [
    await app.send('POST', urls.download, { digests: [digest] }),
    await app.send('POST', urls.upload, { blobs: [{ digest, size: 9 }] }),
  ]) {
    const life = Date.parse(urlOf(answer).expiresAt) - begin
    expect(life).toBeGreaterThanOrEqual(15 * 60_000)
    expect(life).toBeLessThan(16 * 60_000)
  }
})

test('a presigned URL for an upload accepts no other bytes', async () => {
  const { bucket, app } = await openSigning()
  const presigned = urlOf(await app.send('POST', urls.upload, { blobs: [{ digest, size: bytes.length }] }))
  expect((await bucket.fetch(putBy(presigned, 'another content, of a'))).status).toBe(400)
  expect((await bucket.store.list({ prefix: 't/' })).objects).toEqual([])
})

test('a presigned URL points to a blob of its own team, whatever another team has', async () => {
  const { bucket, app } = await openSigning()
  await app.putBlobs(bytes)
  const theirs = urlOf(
    await app.send('POST', '/teams/other/blobs/presigned-downloads', { digests: [digest] }),
  )
  expect((await bucket.fetch(new Request(theirs.url))).status).toBe(404)
  const moved = theirs.url.replace('/t/other/', '/t/t/')
  expect(moved).not.toBe(theirs.url)
  expect((await bucket.fetch(new Request(moved))).status).toBe(403)
})

test('a key that may only read gets no presigned URL for an upload', async () => {
  const { store } = createSigningStore({ origin: () => 'http://bucket.test' })
  const app = await createApp({ store })
  const { key } = await createApiKey(store, { user: 'ada', roles: { t: 'read' } })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ blobs: [{ digest, size: 9 }] })
  const request = new Request(`http://test${apiBase}${urls.upload}`, { method: 'POST', headers, body })
  expect((await app.fetch(request)).status).toBe(403)
})

test('a request for presigned URLs has limits', async () => {
  const { app } = await openSigning({ limits: { blobBytes: 1000 } })
  const many = Array.from({ length: 1001 }, () => digest)
  expect(await app.send('POST', urls.download, { digests: many })).toMatchObject({ status: 400 })
  expect(await app.send('POST', urls.download, { digests: [] })).toMatchObject({ status: 400 })
  const upload = (size: number) => app.send('POST', urls.upload, { blobs: [{ digest, size }] })
  expect((await upload(1000)).status).toBe(200)
  expect((await upload(1001)).body).toMatchObject({ code: 'too_large', limit: 'blobBytes', maximum: 1000 })
  expect((await upload(0)).status).toBe(400)
})

test('blobs that were put by presigned URLs and then swept are reported as missing', async () => {
  const { bucket, app } = await openSigning()
  const presigned = urlOf(await app.send('POST', urls.upload, { blobs: [{ digest, size: bytes.length }] }))
  await bucket.fetch(putBy(presigned))
  for (const { key } of (await bucket.store.list({ prefix: 't/t/b/' })).objects)
    await bucket.store.delete(key)
  expect((await app.putManifest(manifestOf(content))).body).toMatchObject({ missing: [digest] })
})
