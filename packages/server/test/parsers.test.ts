import { defaultLimits, sha256, TrackwayError, versionRecordSchema } from '@trackway/protocol'
import * as fc from 'fast-check'
import { unpackTar } from 'modern-tar'
import { describe, expect, it, test } from 'vitest'
import type { StoredEntry } from '../src/engine/stored-entry.ts'
import { createArchive } from '../src/http/archive.ts'
import { readBlobParts } from '../src/http/blob-parts.ts'
import { createBodyBudget } from '../src/http/body-budget.ts'
import { bytesResponse, toReadableStream } from '../src/http/bytes-response.ts'
import { defaultBodyLimits } from '../src/http/limits.ts'
import { createReception } from '../src/http/receive-body.ts'
import { putStoredRecord, readStoredRecord } from '../src/engine/stored-record.ts'
import { createMemoryStore } from '../src/index.ts'
import { cut, cutPlaces, pathSets } from '../../protocol/test/arbitraries.ts'
import { openApp } from './engine-app.ts'

// Whatever untrusted input parsers are given, they end with a result or a TrackwayError; and
// they read what was written as what it was.

const encode = (text: string) => new TextEncoder().encode(text)

/** What a promise gives, or undefined if it rejects with a Trackway error. Throws any other error. */
async function unlessRefused<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if (error instanceof TrackwayError) return undefined
    throw error
  })
}

describe('the Range header', () => {
  const content = Uint8Array.from({ length: 20 }, (_, index) => index)
  const ask = (range: string) =>
    bytesResponse(
      { request: new Request('http://test', { headers: { range } }), onBroken: () => {} },
      {
        tag: 'x',
        type: 'application/octet-stream',
        size: () => Promise.resolve(content.length),
        open: ({ start, end } = { start: 0, end: content.length }) =>
          Promise.resolve({ size: content.length, body: streamOf([content.subarray(start, end)]) }),
      },
    )
  async function* streamOf(pieces: Uint8Array[]) {
    yield* pieces
  }

  it('gives a slice, the whole file or a refusal, whatever its value', async () => {
    const numbers = fc.oneof(
      fc.nat(25).map(String),
      fc.constantFrom('', '99999999999999999999', '-1', '0x1', '1e1'),
    )
    const headers = fc.oneof(
      fc
        .tuple(fc.constantFrom('bytes', 'BYTES', 'items'), numbers, numbers)
        .map(([unit, a, b]) => `${unit}=${a}-${b}`),
      fc.string({ unit: fc.constantFrom(...Array.from('bytes=-0123, ')), maxLength: 15 }),
    )
    await fc.assert(
      fc.asyncProperty(headers, async (header) => {
        const response = await unlessRefused(ask(header))
        if (response === undefined) return
        const body = new Uint8Array(await response.arrayBuffer())
        const [, first, last] =
          /^bytes (\d+)-(\d+)\/20$/.exec(response.headers.get('content-range') ?? '') ?? []
        expect(response.status).toBe(first === undefined ? 200 : 206)
        expect(body).toEqual(content.slice(Number(first ?? 0), Number(last ?? 19) + 1))
      }),
      { numRuns: 300 },
    )
  })

  it('gives the requested slice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(19), fc.nat(30), async (start, more) => {
        const response = await ask(`bytes=${start}-${start + more}`)
        expect(new Uint8Array(await response.arrayBuffer())).toEqual(content.slice(start, start + more + 1))
      }),
    )
  })
})

describe('a multipart body', () => {
  // What looks like the beginning of a boundary, and like an end, is content like any other.
  const contents = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom('\r\n', '\r\n--', '\r\n--xy', '--xyz', '--', '\r').map(encode),
    ),
    { maxLength: 5 },
  )
  // A writer chooses a boundary that no line of what it sends begins with (RFC 2046, section 5.1.1).
  const holdsBoundary = (bytes: Uint8Array) => Buffer.concat([encode('\r\n'), bytes]).includes('\r\n--xyzz')
  const blobs = fc.uniqueArray(
    contents.map((all) => new Uint8Array(Buffer.concat(all))).filter((bytes) => !holdsBoundary(bytes)),
    {
      selector: (bytes) => sha256(bytes),
      maxLength: 4,
    },
  )

  async function read(pieces: Uint8Array[]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece)
        controller.close()
      },
    })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    const request = new Request('http://test', {
      ...init,
      headers: { 'content-type': 'multipart/form-data; boundary=xyzz' },
    })
    const { receive } = createReception(request, createBodyBudget(1e9), defaultBodyLimits)
    const parts: Uint8Array[] = []
    for await (const { digest, pieces: content } of readBlobParts(request, receive, defaultLimits)) {
      const bytes = new Uint8Array(Buffer.concat(content))
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
      parts.push(bytes)
    }
    return parts
  }

  const write = (all: Uint8Array[]) =>
    new Uint8Array(
      Buffer.concat([
        ...all.flatMap((bytes) => [
          encode(`--xyzz\r\ncontent-disposition: form-data; name="${sha256(bytes)}"; filename="x"\r\n\r\n`),
          bytes,
          encode('\r\n'),
        ]),
        encode('--xyzz--\r\n'),
      ]),
    )

  it('is read back, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(blobs, cutPlaces, async (all, places) => {
        expect(await read(cut(write(all), places))).toEqual(all)
      }),
      { numRuns: 200 },
    )
  })

  it('is read or refused, however it was changed', async () => {
    await fc.assert(
      fc.asyncProperty(blobs, fc.nat(), fc.nat(), fc.nat(255), async (all, from, to, byte) => {
        const bytes = write(all)
        bytes[from % bytes.length] = byte
        await unlessRefused(read([bytes.slice(0, to % (bytes.length + 1))]))
      }),
      { numRuns: 300 },
    )
  })
})

test('consecutive pages are the whole list, and any other cursor gives a part of it or a refusal', async () => {
  const app = await openApp()
  const names = ['a', 'a-b', 'a.b', 'A0', 'b', 'c/d', 'c-d', 'c.d', 'labels.json', 'z']
  for (const name of names) {
    const address = `/teams/t/experiments/e/artifacts/dataset/${encodeURIComponent(name)}/versions`
    expect((await app.send('POST', address, await app.reserve(name))).status).toBe(201)
  }
  const list = async (query: Record<string, string>) => {
    const { status, body } = await app.send(
      'GET',
      `/teams/t/experiments/e/artifacts?${new URLSearchParams(query).toString()}`,
    )
    expect(status).toBeLessThan(500)
    const items = Array.isArray(body['items']) ? body['items'].map((item: { name: string }) => item.name) : []
    return { items, next: typeof body['next'] === 'string' ? body['next'] : undefined }
  }
  const all = (await list({})).items
  expect(all.toSorted()).toEqual(names.toSorted())
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 10 }),
      fc.string({ unit: 'binary' }),
      async (limit, cursor) => {
        const pages: string[] = []
        for (let next: string | undefined = ''; next !== undefined; ) {
          const page = await list({ limit: String(limit), ...(next !== '' && { cursor: next }) })
          pages.push(...page.items)
          next = page.next
        }
        expect(pages).toEqual(all)
        for (const { items } of [await list({ cursor }), await list({ cursor: `dataset/${cursor}` })])
          expect(all).toEqual(expect.arrayContaining(items))
      },
    ),
    { numRuns: 30 },
  )
})

test('a damaged document is read as it was, or refused', async () => {
  const engine = await openApp()
  const record = versionRecordSchema.parse((await engine.commit('content')).body)
  const { fileCount: files, size, ...rest } = record
  const bytes = encode(`${JSON.stringify({ ...rest, files, bytes: size })}\n`)
  const damages = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(damages, fc.oneof(fc.constant(undefined), fc.uint8Array()), async (changes, other) => {
      const store = createMemoryStore()
      const damaged = other ?? bytes.slice()
      if (other === undefined) for (const [at, byte] of changes) damaged[at] = byte
      await store.putIfAbsent('a', damaged)
      const found = await unlessRefused(readStoredRecord(store, 'a'))
      if (found === undefined) return
      // What is read can be stored and read again.
      await putStoredRecord(store, 'b', found)
      expect(await readStoredRecord(store, 'b')).toEqual(found)
    }),
    { numRuns: 300 },
  )
})

test('an archive has the paths of its version, whatever they are', async () => {
  // The reader drops a byte order mark at the beginning of a name, although the archive has it.
  const sets = pathSets.map((all) => all.filter((path) => !path.startsWith('\uFEFF')))
  await fc.assert(
    fc.asyncProperty(sets, async (paths) => {
      async function* entries(): AsyncGenerator<StoredEntry> {
        for (const path of paths)
          yield {
            entry: { path, size: 0, digest: sha256(new Uint8Array()) },
            slices: async function* () {},
          }
      }
      const archive = createArchive(entries(), new Date(0), async function* () {})
      const files = await unpackTar(toReadableStream(archive, () => {}))
      expect(files.map(({ header }) => header.name)).toEqual(paths)
      expect(files.every(({ header }) => header.type === 'file')).toBe(true)
    }),
    { numRuns: 100 },
  )
})
