import { gzipSync } from 'node:zlib'
import { apiBase, problemSchema, sha256 } from '@trackway/protocol'
import { describe, expect, it, test } from 'vitest'
import { createApp, createMemoryStore, type AppOptions } from '../src/index.ts'
import { requestLimits } from '../src/http/limits.ts'

const json = { 'content-type': 'application/json' }
const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
const missing = '/teams/ours/blobs/missing'
const blobs = '/teams/ours/blobs'
const anyDigest = `sha256:${'0'.repeat(64)}`

type Init = RequestInit & { duplex?: 'half' }

async function open(options: Partial<AppOptions> = {}) {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'ada' }, ...options })
  return (path: string, init: Init) => app.fetch(new Request(`http://trackway.test${apiBase}${path}`, init))
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return problemSchema.parse(await response.json())
}

/** A body in pieces that `next` returns until it returns undefined, and how many of them were read. */
function streamOf(next: (index: number) => Uint8Array | undefined) {
  const taken = { pieces: 0, bytes: 0 }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = next(taken.pieces)
        if (piece === undefined) return controller.close()
        taken.pieces += 1
        taken.bytes += piece.length
        controller.enqueue(piece)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, taken }
}

const encode = (text: string) => new TextEncoder().encode(text)
const atLimit = requestLimits.jsonBytes

describe('a JSON body costs no more than its limit', () => {
  it.each([
    ['4 MiB of arrays that are never closed', '['.repeat(atLimit), 400, 'jsonDepth'],
    ['4 MiB of objects that are never closed', '{"a":'.repeat(atLimit / 5), 400, 'jsonDepth'],
    ['arrays in arrays', `${'['.repeat(65)}${']'.repeat(65)}`, 400, 'jsonDepth'],
    ['a deep field', `{"digests":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, 400, 'jsonDepth'],
    ['a million invalid digests', `{"digests":[${'0,'.repeat(1e6)}0]}`, 413, 'jsonValues'],
    ['a million empty arrays', `[${'[],'.repeat(1e6)}0]`, 413, 'jsonValues'],
    ['a million fields', `{${'"a":0,'.repeat(6e5)}"b":0}`, 413, 'jsonKeys'],
    ['10,001 fields', `[{${'"a":0,'.repeat(1e4)}"b":0}]`, 413, 'jsonKeys'],
    ['one byte more than 4 MiB', ' '.repeat(atLimit + 1), 413, 'jsonBytes'],
  ])('%s', async (_, body, status, limit) => {
    const send = await open()
    const problem = await problemOf(await send(missing, { method: 'POST', headers: json, body }))
    const maximum = { jsonDepth: 64, jsonValues: 60_000, jsonKeys: 10_000, jsonBytes: atLimit }[limit]
    expect(problem).toMatchObject({ status, limit, maximum })
    expect(JSON.stringify(problem).length).toBeLessThan(2_000)
  })

  it('brackets in a text do not count as nesting', async () => {
    const send = await open()
    const body = JSON.stringify({ digests: [], ['["[[{{'.repeat(100)]: 0 })
    const problem = await problemOf(await send(missing, { method: 'POST', headers: json, body }))
    expect(problem['issues']).toHaveLength(1)
  })

  it('the maximum number of digests is accepted, and invalid ones are reported in few words', async () => {
    const send = await open()
    const ask = (digests: string[]) =>
      send(missing, { method: 'POST', headers: json, body: JSON.stringify({ digests }) })
    expect((await ask(Array.from({ length: 10_000 }, () => anyDigest))).status).toBe(200)
    const problem = await problemOf(await ask(Array.from({ length: 50_000 }, () => 'x'.repeat(50))))
    expect(problem['issues']).toHaveLength(20)
    expect(JSON.stringify(problem).length).toBeLessThan(10_000)
  })
})

describe('a multipart body that is not what it should be is refused', () => {
  const part = (name: string) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n\r\n`
  it.each([
    [
      'a million parts',
      part(sha256(new Uint8Array())).repeat(1e5),
      multipart,
      413,
      { limit: 'parts', maximum: 1024 },
    ],
    [
      'headers that never end',
      `--x\r\n${'a: b\r\n'.repeat(1e5)}`,
      multipart,
      413,
      { limit: 'partHeaderBytes' },
    ],
    ['one header that never ends', `--x\r\n${'a'.repeat(1e6)}`, multipart, 413, { limit: 'partHeaderBytes' }],
    [
      'a part without a name',
      '--x\r\ncontent-type: text/plain\r\n\r\nbytes\r\n--x--',
      multipart,
      400,
      { code: 'digest_invalid' },
    ],
    ['a name that is not a digest', `${part('__proto__')}--x--`, multipart, 400, { code: 'digest_invalid' }],
    ['a very long name', `${part(anyDigest.repeat(100))}--x--`, multipart, 400, { code: 'digest_invalid' }],
    ['no part at all', '--x--', multipart, 200, {}],
    ['nothing at all', '', multipart, 400, { code: 'request_invalid' }],
    ['a preamble that never ends', 'a'.repeat(1e6), multipart, 400, { code: 'request_invalid' }],
    ['no boundary in it', 'some bytes', multipart, 400, { code: 'request_invalid' }],
  ])('%s', async (_, body, headers, status, facts) => {
    const send = await open()
    const response = await send(blobs, { method: 'POST', headers, body })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(facts)
  })

  it.each([
    ['none', 'multipart/form-data'],
    ['an empty one', 'multipart/form-data; boundary='],
    ['one of a megabyte', `multipart/form-data; boundary=${'a'.repeat(1024 * 1024)}`],
    ['one of 71 characters', `multipart/form-data; boundary=${'a'.repeat(71)}`],
    ['one that is not ASCII', 'multipart/form-data; boundary=é'],
  ])('whose boundary is %s', async (_, type) => {
    const send = await open()
    const response = await send(blobs, { method: 'POST', headers: { 'content-type': type }, body: '--x--' })
    expect(await problemOf(response)).toMatchObject({ code: 'request_invalid' })
  })

  it('with an empty part, which is not a blob', async () => {
    const send = await open()
    const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    const body = `--x\r\ncontent-disposition: form-data; name="${empty}"; filename="blob"\r\n\r\n\r\n--x--`
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const problem = await problemOf(await send(blobs, { method: 'POST', headers, body }))
    expect(problem).toMatchObject({ code: 'request_invalid', status: 400 })
    expect(problem.detail).toContain('is empty; a blob has at least 1 byte')
  })

  it('whose part headers are not text', async () => {
    const send = await open()
    const body = Buffer.concat([
      encode('--x\r\ncontent-disposition: '),
      Buffer.of(255),
      encode('\r\n\r\n\r\n--x--'),
    ])
    const response = await send(blobs, { method: 'POST', headers: multipart, body })
    expect(await problemOf(response)).toMatchObject({ code: 'request_invalid' })
  })
})

test('a body with a content encoding is refused, and not decompressed', async () => {
  const send = await open()
  const body = gzipSync(JSON.stringify({ digests: [] }))
  const headers = { ...json, 'content-encoding': 'gzip' }
  for (const sent of [body, '{"digests":[]}']) {
    const problem = await problemOf(await send(missing, { method: 'POST', headers, body: sent }))
    expect(problem).toMatchObject({ code: 'unsupported_media_type', status: 415, accepted: 'identity' })
  }
})

test('a part that arrives byte by byte takes hardly more memory than its bytes', async () => {
  const send = await open()
  const head = encode(`--x\r\ncontent-disposition: form-data; name="${anyDigest}"\r\n\r\n`)
  const count = 1_000_000
  const piece = new Uint8Array(1)
  let most = 0
  const before = process.memoryUsage().heapUsed
  const { body } = streamOf((index) => {
    if (index % 100_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before)
    if (index === 0) return head
    if (index < count) return piece
    return index === count ? encode('\r\n--x--') : undefined
  })
  const response = await send(blobs, { method: 'POST', headers: multipart, body, duplex: 'half' })
  expect(await problemOf(response)).toMatchObject({ code: 'digest_mismatch' })
  expect(most).toBeLessThan(75 * 1024 * 1024)
})

test('a manifest of a million entries is refused at the first one too many, whatever was announced', async () => {
  const send = await open({ limits: { entries: 1_000 } })
  const header = `${JSON.stringify({ formatVersion: 1, chunker: 'x', files: 2_000_000, bytes: 0 })}\n`
  const { body, taken } = streamOf((index) => {
    if (index === 0) return encode(header)
    if (index > 20_000) return undefined
    const first = index * 100
    return encode(Array.from({ length: 100 }, (_, at) => entry(first + at)).join(''))
  })
  const before = process.memoryUsage().heapUsed
  const response = await send(`/teams/ours/manifests/${anyDigest}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
    duplex: 'half',
  })
  expect(await problemOf(response)).toMatchObject({ code: 'too_large', limit: 'entries', maximum: 1_000 })
  expect(taken.pieces).toBeLessThan(20)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 1024 * 1024)
})

function entry(index: number): string {
  const path = String(index).padStart(9, '0')
  return `${JSON.stringify({ path, size: 0, digest: sha256(new Uint8Array()), parts: [] })}\n`
}
