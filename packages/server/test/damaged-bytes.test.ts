import { createManifest, problemSchema, sha256, type Digest } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { layout } from '../src/layout.ts'
import { createApp, createMemoryStore, type ObjectStore, type RequestEvent } from '../src/index.ts'
import { artifact, bytesOf, openApp } from './engine-app.ts'

const large = new Uint8Array(3 * 1024 * 1024 + 17).map((_, index) => index % 251)
const bundle = new TextEncoder().encode('first file, second file')
/** Two files in one blob, and one that has a blob of its own. */
const files: Record<string, Uint8Array> = {
  first: bundle.subarray(0, 10),
  large,
  second: bundle.subarray(10),
}

/** A store with one version, and a server over it that begins after the store was changed. */
async function openVersion() {
  const store = createMemoryStore()
  const app = await openApp({ store })
  const whole = [bundle, large].map((bytes) => ({ digest: sha256(bytes), size: bytes.length }))
  const entry = (path: string, part: [number, number, number]) => {
    const content = files[path] ?? new Uint8Array()
    return { path, size: content.length, digest: sha256(content), parts: [part] }
  }
  const manifest = createManifest(whole, [
    entry('first', [0, 0, 10]),
    entry('large', [1, 0, large.length]),
    entry('second', [0, 10, bundle.length - 10]),
  ])
  await app.putBlobs(bundle, large)
  const { body } = await app.putManifest(manifest)
  const commit = { manifest: sha256(bytesOf(manifest)), reservation: body['reservation'] }
  await app.send('POST', `${artifact}/versions`, { ...commit, commitId: crypto.randomUUID() })
  async function readWith(key: string, bytes: Uint8Array) {
    await replace(store, key, bytes)
    const broken: RequestEvent[] = []
    const server = await createApp({
      store,
      access: { user: 'tester' },
      onBroken: (event) => void broken.push(event),
    })
    const get = (path: string, headers: Record<string, string> = {}) =>
      server.fetch(new Request(`http://test/api/v1${path}`, { headers }))
    return { get, broken }
  }
  return { readWith, manifest: { digest: commit.manifest, bytes: bytesOf(manifest) } }
}

async function replace(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  await store.delete(key)
  await store.putIfAbsent(key, bytes)
}

function flip(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))
}

const keyOf = (digest: Digest) => layout.blob('t', digest)
const blobPath = (digest: Digest) => `/teams/t/blobs/${digest}`
const filePath = (path: string) => `${artifact}/versions/V1/files/${path}`

test.each([0, 5, 9])(
  'a file in a bundle is a problem where its byte %d was flipped, and its neighbor is right',
  async (at) => {
    const { readWith } = await openVersion()
    const digest = sha256(bundle)
    const { get } = await readWith(keyOf(digest), flip(bundle, at))
    for (const path of [filePath('first'), blobPath(digest)]) {
      const response = await get(path)
      expect(response.status).toBe(500)
      const problem = problemSchema.parse(await response.json())
      expect(problem.code).toBe('integrity_error')
      expect(problem.detail).toContain(digest)
    }
    const second = await get(filePath('second'))
    expect(new Uint8Array(await second.arrayBuffer())).toEqual(files['second'])
  },
)

test.each([
  ['first', 0],
  ['middle', 2_000_000],
  ['last', large.length - 1],
])(
  'a large answer breaks before its last bytes where its %s byte was flipped, and the blob is named',
  async (_, at) => {
    const { readWith } = await openVersion()
    const digest = sha256(large)
    const { get, broken } = await readWith(keyOf(digest), flip(large, at))
    const paths = [blobPath(digest), filePath('large'), `${artifact}/versions/V1.tar`]
    for (const path of paths) await expect((await get(path)).arrayBuffer()).rejects.toThrow(digest)
    expect(broken.map(({ path }) => path)).toEqual(paths.map((path) => `/api/v1${path}`))
    for (const { error } of broken) expect(String(error)).toContain(`The blob ${digest} is damaged`)
    // A range cannot be checked.
    expect((await get(blobPath(digest), { range: 'bytes=0-9' })).status).toBe(206)
  },
)

test('a truncated blob is not returned as if it were whole', async () => {
  const { readWith } = await openVersion()
  const { get } = await readWith(keyOf(sha256(bundle)), bundle.subarray(0, 12))
  expect((await get(blobPath(sha256(bundle)))).status).toBe(500)
  expect((await get(filePath('second'))).status).toBe(500)
})

test('a manifest with any flipped byte is a problem, by every route that needs it', async () => {
  const { readWith, manifest } = await openVersion()
  for (let at = 0; at < manifest.bytes.length; at += 7) {
    const { get } = await readWith(layout.manifest('t', manifest.digest), flip(manifest.bytes, at))
    for (const path of [`${artifact}/versions/V1/manifest`, filePath('first'), `${artifact}/versions/V1.tar`])
      expect((await get(path)).status).toBe(500)
  }
})

test('a range of a manifest is that range', async () => {
  const { readWith, manifest } = await openVersion()
  const { get } = await readWith(layout.manifest('t', manifest.digest), manifest.bytes)
  const part = await get(`${artifact}/versions/V1/manifest`, { range: 'bytes=3-9' })
  expect([part.status, part.headers.get('content-range')]).toEqual([
    206,
    `bytes 3-9/${manifest.bytes.length}`,
  ])
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(manifest.bytes.subarray(3, 10))
})

test('an archive says who may keep it', async () => {
  const { readWith, manifest } = await openVersion()
  const { get } = await readWith(layout.manifest('t', manifest.digest), manifest.bytes)
  const headersOf = async (revision: string) => {
    const { headers, body } = await get(`${artifact}/versions/${revision}.tar`)
    await body?.cancel()
    return [headers.get('vary'), headers.get('cache-control')]
  }
  expect(await headersOf('V1')).toEqual(['Authorization', 'private, max-age=31536000, immutable'])
  expect(await headersOf('latest')).toEqual(['Authorization', 'private, no-store'])
})
