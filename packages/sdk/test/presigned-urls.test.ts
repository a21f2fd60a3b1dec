import { join } from 'node:path'
import { createApiKey, createApp } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { createSigningStore, type SigningStore } from '@trackway/server/testing'
import { serviceSchema, type PresignedUrl } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  errorOf,
  noise,
  refusal,
  startServer,
  temporaryFolder,
  testKey,
  type TestServer,
} from './test-server.ts'
import { Artifact, login } from '../src/index.ts'

const KiB = 1024
const MiB = 1024 * KiB
const bucketOrigin = 'http://bucket.test'
// Cut so that the last chunk is not a small one.
const large = noise(6 * MiB - 200 * KiB, 1)
const medium = noise(300 * KiB, 2)
const small = noise(2 * KiB, 3)

interface Setting {
  server: TestServer
  bucket: SigningStore
  /** Answers requests instead of the bucket; undefined lets a request through. */
  answer: (request: Request) => Promise<Response | undefined> | Response | undefined
}

/** A server over a bucket that clients can reach. */
async function start(bucket = createSigningStore({ origin: () => bucketOrigin })): Promise<Setting> {
  const setting: Setting = {
    bucket,
    answer: () => undefined,
    server: await startServer({
      store: bucket.store,
      elsewhere: async (request) => (await setting.answer(request)) ?? bucket.fetch(request),
    }),
  }
  return setting
}

/** An artifact of files that are stored as a bundle, as one blob, and as chunks. */
async function sample(): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(large, { name: 'large' })
  await artifact.add(medium, { name: 'medium' })
  await artifact.add(small, { name: 'small' })
  return artifact
}

async function uploadSample({ server }: Setting) {
  return server.session.uploadArtifact(await sample(), { concurrency: 4 })
}

/** Downloads the version, and makes sure that all of it has arrived. */
async function downloadSample({ server }: Setting): Promise<void> {
  const artifact = await server.session.getArtifact('sample', 'dataset', 'V1')
  const target = join(await temporaryFolder(), 'target')
  await artifact.download(target)
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
}

const blobReads = ({ requests }: TestServer) =>
  requests.filter((request) => /^GET .*\/blobs\/sha256/.test(request))
const asked = ({ requests }: SigningStore, method: string) =>
  requests.filter((request) => request.method === method)
const sizeOf = (requests: readonly { size: number }[]) => requests.reduce((sum, { size }) => sum + size, 0)

test('the bytes of large blobs do not pass through the server, and the key does not pass to the store', async () => {
  const setting = await start()
  const { server, bucket } = setting
  const result = await uploadSample(setting)
  expect(result).toMatchObject({ tag: 'V1', uploadedBytes: large.length + medium.length + small.length })
  expect(server.sentBytes()).toBeGreaterThan(small.length)
  expect(server.sentBytes()).toBeLessThan(small.length + 2 * KiB)
  expect(sizeOf(asked(bucket, 'PUT'))).toBe(large.length + medium.length)

  server.forget()
  await downloadSample(setting)
  expect(blobReads(server)).toHaveLength(1)
  expect(asked(bucket, 'GET').length).toBe(asked(bucket, 'PUT').length)
  // Presigned URLs for all of them are requested at once.
  expect(server.requests.filter((request) => request.endsWith('/presigned-downloads'))).toHaveLength(1)
  expect(bucket.requests.length).toBeGreaterThan(4)
  for (const { headers } of bucket.requests) expect(JSON.stringify([...headers])).not.toContain(testKey)
})

test('over real connections blobs are put with their length, and the key does not follow', async () => {
  const bucket = createSigningStore({ origin: () => bucketServer.url })
  const bucketServer = await serve({ app: bucket, port: 0 })
  onTestFinished(() => bucketServer.close())
  const { key } = await createApiKey(bucket.store, { user: 'ada', roles: { default: 'write' } })
  const server = await serve({ app: await createApp({ store: bucket.store }), port: 0 })
  onTestFinished(() => server.close())
  const session = await login({ host: server.url, apiKey: key, quiet: true })
  await session.uploadArtifact(await sample(), { experiment: 'urls' })
  const puts = asked(bucket, 'PUT')
  expect(sizeOf(puts)).toBe(large.length + medium.length)
  for (const { headers, size } of puts) expect(headers.get('content-length')).toBe(String(size))
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'urls' })
  expect(Buffer.from(await artifact.entry('large').bytes()).equals(large)).toBe(true)
  expect(asked(bucket, 'GET').length).toBeGreaterThan(4)
  for (const { headers } of bucket.requests) expect(JSON.stringify([...headers])).not.toContain(key)
})

test('a range of a large blob is fetched from the store, and no more than the range', async () => {
  const setting = await start()
  await uploadSample(setting)
  setting.server.forget()
  const artifact = await setting.server.session.getArtifact('sample', 'dataset', 'V1')
  const pieces: Uint8Array[] = []
  for await (const piece of artifact.entry('large').stream({ start: MiB, end: 4 * MiB })) pieces.push(piece)
  expect(Buffer.concat(pieces).equals(large.subarray(MiB, 4 * MiB))).toBe(true)
  expect(asked(setting.bucket, 'GET').some(({ headers }) => headers.has('range'))).toBe(true)
})

test('small files are sent in batches, and no presigned URLs are asked for', async () => {
  const { server, bucket } = await start()
  const artifact = new Artifact('sample', 'dataset')
  for (let index = 0; index < 50; index += 1) {
    await artifact.add(noise(KiB, index + 1), { name: `file-${index}` })
  }
  await server.session.uploadArtifact(artifact)
  expect(server.requests.filter((request) => request.endsWith('/blobs'))).toHaveLength(1)
  expect(server.requests.filter((request) => request.includes('/presigned-'))).toEqual([])
  expect(bucket.requests).toEqual([])
})

test('clients that do not know presigned URLs find a server like any other', async () => {
  const { server, bucket } = await start()
  const service = await (await server.fetch(new Request('http://test/api/v1'))).json()
  // Clients have to know what these name.
  expect(serviceSchema.parse(service).features).toEqual({ read: [], write: [] })
  const { offers: _, ...old } = serviceSchema.parse(service)
  const later = await startServer({ store: bucket.store })
  later.intercept((request) => (request.url.endsWith('/api/v1') ? Response.json(old) : undefined))
  const setting = { server: later, bucket, answer: () => undefined }
  await uploadSample(setting)
  await downloadSample(setting)
})

test('a store that does not enforce signatures is only read from directly', async () => {
  const bucket = createSigningStore({ origin: () => bucketOrigin })
  const { signing } = bucket.store
  if (signing === undefined) throw new Error('The store of this test signs')
  const store = { ...bucket.store, signing: { get: signing.get } }
  const setting = await start({ ...bucket, store })
  await uploadSample(setting)
  expect(bucket.requests).toEqual([])
  expect(setting.server.sentBytes()).toBeGreaterThan(large.length)
  setting.server.forget()
  await downloadSample(setting)
  expect(blobReads(setting.server)).toHaveLength(1)
})

test('if the store cannot be reached, everything goes through the server, after one try', async () => {
  const closed = await serve({ app: { fetch: () => Promise.resolve(new Response()) }, port: 0 })
  await closed.close()
  const setting = await start(createSigningStore({ origin: () => closed.url }))
  const tries: string[] = []
  setting.answer = (request) => {
    tries.push(request.method)
    return globalThis.fetch(request)
  }
  await uploadSample(setting)
  await downloadSample(setting)
  expect(tries).toEqual(['HEAD'])
  expect(setting.server.sentBytes()).toBeGreaterThan(large.length)
})

test('a presigned URL that has expired is replaced by a fresh one', async () => {
  let time = Date.now()
  const setting = await start(createSigningStore({ origin: () => bucketOrigin, now: () => time }))
  const { server, bucket } = setting
  let expires = true
  setting.answer = (request) => {
    if (expires && request.method !== 'HEAD') time += 16 * 60_000
    expires &&= request.method === 'HEAD'
    return undefined
  }
  await uploadSample(setting)
  expect(server.sentBytes()).toBeLessThan(small.length + 2 * KiB)
  expires = true
  server.forget()
  await downloadSample(setting)
  expect(blobReads(server)).toHaveLength(1)
  for (const method of ['PUT', 'GET'])
    expect(asked(bucket, method).map(({ status }) => status)).toContain(403)
})

test('blobs that a store refuses go through the server, without many retries', async () => {
  const setting = await start()
  let refusals = 0
  setting.answer = ({ method }) => {
    if (method === 'HEAD') return undefined
    refusals += 1
    return new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403 })
  }
  await uploadSample(setting)
  await downloadSample(setting)
  expect(setting.server.sentBytes()).toBeGreaterThan(large.length)
  // Two for each of four at a time, up and down.
  expect(refusals).toBeLessThanOrEqual(24)
})

test('what occasionally fails at the store comes through the server, and the rest does not', async () => {
  const setting = await start()
  let count = 0
  setting.answer = ({ method }) => {
    if (method === 'HEAD') return undefined
    count += 1
    return count % 3 === 0 ? new Response(null, { status: 503 }) : undefined
  }
  await uploadSample(setting)
  await downloadSample(setting)
  expect(sizeOf(asked(setting.bucket, 'PUT'))).toBeGreaterThan(MiB)
  expect(blobReads(setting.server).length).toBeGreaterThan(1)
  expect(asked(setting.bucket, 'GET').length).toBeGreaterThan(1)
})

test('a blob that somebody else has put meanwhile counts as stored', async () => {
  const setting = await start()
  await uploadSample(setting)
  setting.server.forget()
  setting.server.intercept(async (request) =>
    request.url.endsWith('/blobs/missing')
      ? Response.json({ missing: (await request.clone().json()).digests })
      : undefined,
  )
  const other = new Artifact('other', 'dataset')
  await other.add(large, { name: 'large' })
  await setting.server.session.uploadArtifact(other)
  expect(asked(setting.bucket, 'PUT').map(({ status }) => status)).toContain(412)
  expect(setting.server.requests.filter((request) => request.endsWith('/blobs'))).toEqual([])
})

test('blobs that are missing once the manifest is stored are sent to the server, which checks the sweep marker', async () => {
  const setting = await start()
  const { server, bucket } = setting
  let putsBefore = 0
  server.intercept(async ({ method, url }) => {
    if (method !== 'PUT' || !url.includes('/manifests/') || putsBefore > 0) return undefined
    putsBefore = asked(bucket, 'PUT').length
    for (const { key } of (await bucket.store.list({ prefix: 't/' })).objects)
      if (key.includes('/b/')) await bucket.store.delete(key)
    return undefined
  })
  await uploadSample(setting)
  expect(putsBefore).toBeGreaterThan(4)
  expect(asked(bucket, 'PUT')).toHaveLength(putsBefore)
  await downloadSample(setting)
})

test('bytes that are damaged at the store are fetched again from the server', async () => {
  const setting = await start()
  await uploadSample(setting)
  setting.answer = async (request) => {
    if (request.method !== 'GET') return undefined
    const bytes = new Uint8Array(await (await setting.bucket.fetch(request)).arrayBuffer())
    bytes[100] = (bytes[100] ?? 0) ^ 1
    return new Response(bytes)
  }
  setting.server.forget()
  await downloadSample(setting)
  expect(blobReads(setting.server).length).toBeGreaterThan(5)
  const artifact = await setting.server.session.getArtifact('sample', 'dataset', 'V1')
  expect(Buffer.from(await artifact.entry('medium').bytes()).equals(medium)).toBe(true)

  setting.server.intercept((request) =>
    /\/blobs\/sha256/.test(request.url) ? new Response(noise(300 * KiB, 99).slice()) : undefined,
  )
  await errorOf('integrity_error', artifact.entry('medium').bytes())
})

test('a response of the store that does not end, or is too short, is aborted', async () => {
  const setting = await start()
  await uploadSample(setting)
  let sent = 0
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        sent += 64 * KiB
        controller.enqueue(new Uint8Array(64 * KiB))
      },
    })
  let count = 0
  setting.answer = ({ method }) => {
    if (method === 'HEAD') return undefined
    count += 1
    return new Response(count % 2 === 0 ? endless() : 'short')
  }
  await downloadSample(setting)
  expect(sent).toBeLessThan(64 * MiB)
})

test('an upload that is aborted while the store receives its bytes ends, and nothing continues', async () => {
  const setting = await start()
  const controller = new AbortController()
  const { promise: never } = Promise.withResolvers<Response>()
  setting.answer = ({ method }) => {
    if (method === 'HEAD') return undefined
    controller.abort(new Error('enough'))
    return never
  }
  const { signal } = controller
  await errorOf('aborted', setting.server.session.uploadArtifact(await sample(), { signal }))
  expect(setting.server.requests.filter((request) => request.includes('/manifests/'))).toEqual([])
})

test('no more blobs are put at a time than the configured requests', async () => {
  const setting = await start()
  let underWay = 0
  let most = 0
  setting.answer = async (request) => {
    if (request.method !== 'PUT') return undefined
    underWay += 1
    most = Math.max(most, underWay)
    const response = await setting.bucket.fetch(request)
    underWay -= 1
    return response
  }
  const artifact = new Artifact('sample', 'dataset')
  for (let index = 0; index < 12; index += 1)
    await artifact.add(noise(300 * KiB, index + 1), { name: `file-${index}` })
  await setting.server.session.uploadArtifact(artifact, { concurrency: 2 })
  expect(most).toBe(2)
})

test('redirects of a store are not followed', async () => {
  let reached = 0
  const count = async () => {
    reached += 1
    return new Response()
  }
  const thief = await serve({ app: { fetch: count }, port: 0 })
  const redirecting = await serve({
    app: {
      async fetch(request) {
        await request.arrayBuffer()
        return new Response(null, { status: 307, headers: { location: thief.url } })
      },
    },
    port: 0,
  })
  onTestFinished(() => thief.close())
  onTestFinished(() => redirecting.close())
  const setting = await start(createSigningStore({ origin: () => redirecting.url }))
  setting.answer = (request) => globalThis.fetch(request)
  await uploadSample(setting)
  await downloadSample(setting)
  expect(reached).toBe(0)
  expect(setting.server.sentBytes()).toBeGreaterThan(large.length)
})

test.each<[string, (presigned: PresignedUrl) => Partial<PresignedUrl>]>([
  ['file', () => ({ url: 'file:///etc/passwd' })],
  ['data', () => ({ url: 'data:text/plain,evil' })],
  ['blob', () => ({ url: 'blob:http://test/0' })],
  ['a name and a password', ({ url }) => ({ url: url.replace('//', '//name:password@') })],
  ['no address', () => ({ url: '//' })],
  ['a cookie', ({ headers }) => ({ headers: { ...headers, cookie: 'a=b' } })],
  ['the header of a metadata service', () => ({ headers: { 'metadata-flavor': 'Google' } })],
  ['a bearer key', () => ({ headers: { authorization: 'Bearer x' } })],
  ['a header within a header', () => ({ headers: { 'x-amz-date': 'a\r\ncookie: b' } })],
  ['another condition', () => ({ headers: { 'if-none-match': '"etag"' } })],
])('a presigned URL with %s is not followed', async (_, change) => {
  const setting = await start()
  setting.server.intercept(async (request) => {
    if (!request.url.includes('/presigned-')) return undefined
    const { urls } = await (await setting.server.fetch(request)).json()
    return Response.json({
      urls: urls.map((presigned: PresignedUrl) => ({ ...presigned, ...change(presigned) })),
    })
  })
  await uploadSample(setting)
  await downloadSample(setting)
  expect(setting.bucket.requests).toEqual([])
})

test('a server that returns no presigned URLs, or fails to, is asked for the bytes', async () => {
  const setting = await start()
  let count = 0
  setting.server.intercept((request) => {
    if (!request.url.includes('/presigned-')) return undefined
    count += 1
    return count % 2 === 0 ? Response.json({ urls: [] }) : new Response(null, { status: 500 })
  })
  await uploadSample(setting)
  await downloadSample(setting)
  expect(setting.bucket.requests).toEqual([])
})

test('calls do not wait for a store that has not responded yet', async () => {
  const setting = await start()
  const { promise: never } = Promise.withResolvers<Response>()
  setting.answer = ({ method }) => (method === 'HEAD' ? never : undefined)
  await uploadSample(setting)
  await downloadSample(setting)
  expect(setting.bucket.requests).toEqual([])
})

test('an upload that is aborted before the store has answered at all ends at once', async () => {
  const setting = await start()
  const controller = new AbortController()
  const { promise: never } = Promise.withResolvers<Response>()
  setting.answer = () => {
    controller.abort(new Error('enough'))
    return never
  }
  const { signal } = controller
  await errorOf('aborted', setting.server.session.uploadArtifact(await sample(), { signal }))
})

test.each<[string, (request: Request, bytes: Uint8Array<ArrayBuffer>) => Response]>([
  ['packed', (_, bytes) => new Response(bytes, { status: 206, headers: { 'content-encoding': 'gzip' } })],
  ['whole', (_, bytes) => new Response(bytes)],
  [
    'from elsewhere',
    (_, bytes) =>
      new Response(bytes, {
        status: 206,
        headers: { 'content-range': `bytes 7-${bytes.length + 6}/9999999` },
      }),
  ],
  ['said to be refused', () => new Response(null, { status: 412 })],
])('a range that arrives %s is fetched from the server instead', async (_, change) => {
  const setting = await start()
  await uploadSample(setting)
  setting.answer = async (request) => {
    if (request.method !== 'GET') return undefined
    const { size } = { size: (await (await setting.bucket.fetch(request)).arrayBuffer()).byteLength }
    return change(request, noise(size, 77).slice())
  }
  const artifact = await setting.server.session.getArtifact('sample', 'dataset', 'V1')
  const range = { start: 1000, end: 299 * KiB }
  const bytes = await artifact.entry('medium').bytes(range)
  expect(Buffer.from(bytes).equals(medium.subarray(range.start, range.end))).toBe(true)
})

test('a store that is slower than any server is not used', async () => {
  const setting = await start()
  await uploadSample(setting)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const drip = () =>
    new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 10_000))
        controller.enqueue(new Uint8Array(1))
      },
    })
  const asking = Promise.withResolvers<void>()
  setting.answer = ({ method }) => {
    if (method !== 'GET') return undefined
    asking.resolve()
    return new Response(drip())
  }
  const artifact = await setting.server.session.getArtifact('sample', 'dataset', 'V1')
  const reading = artifact.entry('medium').bytes()
  await asking.promise
  await vi.advanceTimersByTimeAsync(120_000)
  expect(Buffer.from(await reading).equals(medium)).toBe(true)
})

test('an upload fails if the server refuses its small blobs, whatever became of the large ones', async () => {
  const setting = await start()
  setting.server.intercept(({ method, url }) =>
    method === 'POST' && url.endsWith('/blobs') ? refusal() : undefined,
  )
  await errorOf('forbidden', uploadSample(setting))
})

test('progress counts bytes once, even if they were sent twice', async () => {
  const setting = await start()
  setting.answer = ({ method }) => (method === 'PUT' ? new Response(null) : undefined)
  const told: number[] = []
  await setting.server.session.uploadArtifact(await sample(), {
    onProgress: ({ bytes }) => void told.push(bytes),
  })
  expect(Math.max(...told)).toBe(large.length + medium.length + small.length)
  await downloadSample(setting)
})
