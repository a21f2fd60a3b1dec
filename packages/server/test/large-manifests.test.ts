import {
  createManifest,
  encodeManifest,
  sha256,
  type Digest,
  type ManifestEntry,
  type Part,
} from '@trackway/protocol'
import { expect, test } from 'vitest'
import { layout } from '../src/layout.ts'
import { createMemoryStore, type ObjectStore } from '../src/index.ts'
import { artifact, openApp, type EngineApp } from './engine-app.ts'
import { longestHold } from './longest-hold.ts'

const encoder = new TextEncoder()
const prefix = `${artifact}/versions/V1`

/** A store that counts the bytes that are read from manifests. */
function countingStore(store = createMemoryStore()) {
  const counted = { bytes: 0 }
  return {
    counted,
    store: {
      ...store,
      async get(key, range) {
        const object = await store.get(key, range)
        if (key.startsWith(layout.manifests('t')))
          counted.bytes += range === undefined ? (object?.size ?? 0) : range.end - range.start
        return object
      },
    } satisfies ObjectStore,
  }
}

async function makeVersion(app: EngineApp, bytes: Uint8Array<ArrayBuffer>): Promise<Digest> {
  const manifest = sha256(bytes)
  const headers = { 'content-type': 'application/x-ndjson' }
  const put = await app.sendBytes('PUT', `/teams/t/manifests/${manifest}`, { headers, body: bytes })
  const { reservation } = put.body
  const commitId = crypto.randomUUID()
  const made = await app.send('POST', `${artifact}/versions`, { manifest, reservation, commitId })
  expect(made.status).toBe(201)
  return manifest
}

const textOf = (number: number) => `content ${number};`

/** Files, each a blob of its own and some of the one before; only bytes give their paths' order. */
function filesOf(count: number) {
  const contents = Array.from({ length: count }, (_, number) => encoder.encode(textOf(number)))
  const blobs = contents.map((bytes) => ({ digest: sha256(bytes), size: bytes.length }))
  const order = ['Ａ', 'a', '😀', 'é', '_']
  const paths = contents.map((_, number) => `${order[number % order.length]}/${number}${'-'.repeat(90)}`)
  const sorted = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const files = sorted.map((path, number) => {
    const before = (number * 7) % count
    const text = textOf(number) + textOf(before).slice(0, 7)
    const parts: Part[] = [
      [number, 0, contents[number]?.length ?? 0],
      [before, 0, 7],
    ]
    const entry: ManifestEntry = { path, size: text.length, digest: sha256(encoder.encode(text)), parts }
    return { text, entry }
  })
  return {
    contents,
    files,
    manifest: createManifest(
      blobs,
      files.map(({ entry }) => entry),
    ),
  }
}

function bytesOfLines(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return encoder.encode(lines.map((line) => `${line}\n`).join(''))
}

test.each([
  ['as our clients write them', (line: string) => line],
  ['with spaces in their lines', (line: string) => ` ${line.replaceAll('":', '" : ')} `],
])('every file of a large manifest is found, %s', async (_, write) => {
  const { counted, store } = countingStore()
  const app = await openApp({ store })
  const { contents, files, manifest } = filesOf(6_000)
  for (let at = 0; at < contents.length; at += 1_000) await app.putBlobs(...contents.slice(at, at + 1_000))
  const text = Buffer.concat([...encodeManifest(manifest)]).toString()
  const bytes = bytesOfLines(text.trimEnd().split('\n').map(write))
  expect(bytes.length).toBeGreaterThan(1024 * 1024)
  await makeVersion(app, bytes)

  const read = async (path: string) => app.send('GET', `${prefix}/files/${encodeURIComponent(path)}`)
  const [first] = files
  expect((await read(first?.entry.path ?? '')).status).toBe(200)
  counted.bytes = 0
  const some = files.filter((__, number) => number % 97 === 0 || number > files.length - 3)
  for (const { entry, text: content } of some) {
    const answer = await read(entry.path)
    expect(answer.status, entry.path).toBe(200)
    expect(answer.text).toBe(content)
  }
  // Three blocks of some 64 KiB each, and not the whole.
  expect(counted.bytes / some.length).toBeLessThan(0.25 * bytes.length)
  for (const path of ['a', 'a/0', '0', '😀/x', 'zzz', '\u{10FFFF}'])
    expect((await read(path)).status, path).toBe(404)
})

test('a damaged large manifest gives right bytes or an error, even if it was undamaged at first', async () => {
  const store = createMemoryStore()
  const app = await openApp({ store })
  const { contents, files, manifest } = filesOf(6_000)
  for (let at = 0; at < contents.length; at += 1_000) await app.putBlobs(...contents.slice(at, at + 1_000))
  const bytes = new Uint8Array(Buffer.concat([...encodeManifest(manifest)]))
  await makeVersion(app, bytes)
  const wanted = [0, 3_000, 5_999].flatMap((number) => files[number] ?? [])

  for (let step = 0; step < 40; step += 1) {
    const flipped = { at: -1 }
    const read = await openApp({ store: flippingStore(store, flipped) })
    const answers = () =>
      Promise.all(
        wanted.map(({ entry: { path } }) => read.send('GET', `${prefix}/files/${encodeURIComponent(path)}`)),
      )
    if (step % 2 === 1) expect((await answers()).map(({ status }) => status)).toEqual([200, 200, 200])
    flipped.at = Math.floor((step / 40) * bytes.length)
    for (const [number, { status, text }] of (await answers()).entries())
      if (status !== 500) expect(text, `byte ${flipped.at}`).toBe(wanted[number]?.text)
  }
})

/** A version of a file of 20,000 parts between two small ones, in a manifest of more than 1 MiB. */
async function makeLongVersion(store: ObjectStore) {
  const app = await openApp({ store })
  const contents = Array.from({ length: 3_000 }, (_, number) => encoder.encode(textOf(number)))
  for (let at = 0; at < contents.length; at += 1_000) await app.putBlobs(...contents.slice(at, at + 1_000))
  const parts = Array.from({ length: 20_000 }, (_, number): Part => {
    const blob = (number * 7) % 3_000
    return [blob, number % 3, 1 + (number % (textOf(blob).length - 3))]
  })
  const text = parts.map(([blob, from, length]) => textOf(blob).slice(from, from + length)).join('')
  const small: Part[] = [[0, 0, 7]]
  const entry = (path: string, content: string, its: Part[]): ManifestEntry => ({
    path,
    size: content.length,
    digest: sha256(encoder.encode(content)),
    parts: its,
  })
  const manifest = createManifest(
    contents.map((bytes) => ({ digest: sha256(bytes), size: bytes.length })),
    [entry('a', 'content', small), entry('long', text, parts), entry('z', 'content', small)],
  )
  const lines = Buffer.concat([...encodeManifest(manifest)]).toString()
  const bytes = encoder.encode(lines.replaceAll('],[', `],${' '.repeat(50)}[`))
  expect(bytes.length).toBeGreaterThan(1024 * 1024)
  await makeVersion(app, bytes)
  return { app, text, bytes }
}

const rangeOf = (app: EngineApp, start: number, end: number) =>
  app.send('GET', `${prefix}/files/long`, undefined, { range: `bytes=${start}-${end - 1}` })

test('a range of a file of many parts reads only the parts that it needs', async () => {
  const { counted, store } = countingStore()
  const { app, text, bytes } = await makeLongVersion(store)
  expect((await app.send('GET', `${prefix}/files/long`)).text).toBe(text)
  for (const path of ['a', 'z'])
    expect((await app.send('GET', `${prefix}/files/${path}`)).text).toBe('content')
  expect((await app.send('GET', `${prefix}/files/m`)).status).toBe(404)
  for (let start = 0; start < text.length; start += 7_919) {
    for (const length of [1, 50]) {
      counted.bytes = 0
      const end = Math.min(start + length, text.length)
      expect((await rangeOf(app, start, end)).text, `${start}`).toBe(text.slice(start, end))
      expect(counted.bytes).toBeLessThan(0.4 * bytes.length)
    }
  }
  expect((await app.send('GET', `${prefix}.tar`)).text).toContain(text)
})

test('a file of many parts gives right bytes or an error if the manifest was damaged', async () => {
  const store = createMemoryStore()
  const { text, bytes } = await makeLongVersion(store)
  for (let step = 0; step < 20; step += 1) {
    const flipped = { at: -1 }
    const read = await openApp({ store: flippingStore(store, flipped) })
    if (step % 2 === 1) expect((await rangeOf(read, 0, 9)).status).toBe(206)
    flipped.at = Math.floor((step / 20) * bytes.length)
    for (let start = 0; start < text.length; start += 17_389) {
      const answer = await rangeOf(read, start, start + 9)
      if (answer.status !== 500) expect(answer.text, `byte ${flipped.at}`).toBe(text.slice(start, start + 9))
    }
    const whole = await read.send('GET', `${prefix}/files/long`)
    if (step % 2 === 1 && flipped.at > bytes.length / 2)
      expect(whole.body).toMatchObject({
        code: 'integrity_error',
        detail: expect.stringContaining('dataset/sample:V1'),
      })
  }
})

/** A store that lost a bit of its manifests. */
function flippingStore(store: ObjectStore, flipped: { at: number }): ObjectStore {
  return {
    ...store,
    async get(key, range) {
      const object = await store.get(key, range)
      if (object === undefined || !key.startsWith(layout.manifests('t'))) return object
      return { ...object, body: flip(object.body, flipped.at - (range?.start ?? 0)) }
    },
  }
}

async function* flip(body: AsyncIterable<Uint8Array>, at: number) {
  let start = 0
  for await (const piece of body) {
    const index = at - start
    if (index >= 0 && index < piece.length) piece[index] = (piece[index] ?? 0) ^ 2
    start += piece.length
    yield piece
  }
}

test('a hint for a missing path takes a few milliseconds, however long the paths are', async () => {
  const app = await openApp()
  await app.putBlobs(encoder.encode('x'))
  const digest = sha256(encoder.encode('x'))
  const entries = Array.from({ length: 10_000 }, (_, number): ManifestEntry => {
    const folder = `${String(number).padStart(5, '0')}${'abcdefgh'.repeat(28)}`
    return { path: `${folder}/${folder}/${folder}/${folder}`, size: 1, digest, parts: [[0, 0, 1]] }
  })
  const manifest = createManifest([{ digest, size: 1 }], entries)
  await makeVersion(app, new Uint8Array(Buffer.concat([...encodeManifest(manifest)])))
  const wrong = entries[5_000]?.path.replace('05000', '05000x') ?? ''
  const get = () => app.send('GET', `${prefix}/files/${encodeURIComponent(wrong)}`)
  await get()
  let answer: Awaited<ReturnType<typeof get>> | undefined
  const hold = await longestHold(async () => {
    answer = await get()
  })
  expect(answer?.body).toMatchObject({
    status: 404,
    hint: { names: expect.arrayContaining([expect.stringMatching(/^05000/)]) },
  })
  expect(hold).toBeLessThan(100)
})
