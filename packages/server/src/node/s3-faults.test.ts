import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { collectBytes } from '../stores/byte-stream.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { openData } from './open-data.ts'

const encoder = new TextEncoder()

/** What came in. */
interface Request {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Buffer
}

/** An answer, or `cut` for a connection that ends without one. */
type Answer = { status: number; headers?: Record<string, string>; body?: string | Buffer } | 'cut'

const kept: Answer = { status: 200, headers: { etag: '"1"' } }
const taken = refusal(412, 'PreconditionFailed')
const conflict = refusal(409, 'ConditionalRequestConflict')
const busy = refusal(503, 'SlowDown')
const absent: Answer = { status: 404 }

function refusal(status: number, code: string): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>${code} it is</Message></Error>` }
}

function holding(bytes: string): Answer {
  const content = Buffer.from(bytes)
  const last = content.length - 1
  return {
    status: 206,
    headers: { 'content-range': `bytes 0-${last}/${content.length}`, 'content-length': `${content.length}` },
    body: content,
  }
}

/** A store whose bucket lies in a server that answers what it is told, one answer after the other. */
async function openBucket(...answers: Answer[]) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-very-secret-key')
  vi.stubEnv('AWS_SESSION_TOKEN', 'a-very-secret-token')
  onTestFinished(() => void vi.unstubAllEnvs())
  const requests: Request[] = []
  const server = createServer((incoming, outgoing) => void respond(incoming, outgoing))
  async function respond(incoming: IncomingMessage, outgoing: ServerResponse) {
    const body = Buffer.from(await collectBytes(incoming))
    requests.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body })
    const answer = answers.shift()
    if (answer === undefined || answer === 'cut') return void outgoing.destroy()
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  // Such a server listens on a port.
  const { port } = server.address() as AddressInfo
  const store = await openData(`s3://bucket/prefix?endpoint=http://127.0.0.1:${port}`)
  const methods = () => requests.map(({ method }) => method).join(' ')
  return { store, requests, methods, port }
}

const bytes = encoder.encode('hello')

async function readText(store: ObjectStore): Promise<string | undefined> {
  const object = await store.get('key')
  return object && Buffer.from(await collectBytes(object.body)).toString()
}

test('a put is one request with its condition, its length and the digest of its bytes', async () => {
  const { store, requests } = await openBucket(kept)
  expect(await store.putIfAbsent('a/b', [bytes.slice(0, 2), bytes.slice(2)])).toBe(true)
  const digest = createHash('sha256').update(bytes).digest()
  expect(requests).toMatchObject([
    {
      method: 'PUT',
      url: '/bucket/prefix/a/b?x-id=PutObject',
      headers: {
        'if-none-match': '*',
        'content-length': '5',
        'x-amz-checksum-sha256': digest.toString('base64'),
        'x-amz-content-sha256': digest.toString('hex'),
        authorization: expect.stringContaining('us-east-1/s3/aws4_request'),
      },
      body: Buffer.from(bytes),
    },
  ])
})

test.each<[string, Answer[], boolean, string]>([
  ['the key is taken', [taken], false, 'PUT'],
  ['somebody else is at it and wins', [conflict, holding('other')], false, 'PUT HEAD'],
  ['somebody else is at it and gives up', [conflict, absent, kept], true, 'PUT HEAD PUT'],
  ['the store asks to slow down', [busy, busy, kept], true, 'PUT PUT PUT'],
  ['the reply is lost', ['cut', taken, holding('hello')], true, 'PUT PUT GET'],
  ['a reply is lost and another writer was first', ['cut', taken, holding('other')], false, 'PUT PUT GET'],
  ['a reply is lost and the object is gone', ['cut', taken, absent, kept], true, 'PUT PUT GET PUT'],
  ['the request never came in', ['cut', kept], true, 'PUT PUT'],
])('a put where %s', async (_, answers, outcome, methods) => {
  const bucket = await openBucket(...answers)
  expect(await bucket.store.putIfAbsent('key', bytes)).toBe(outcome)
  expect(bucket.methods()).toBe(methods)
})

test('a put whose outcome stays unknown says so, after six attempts', { timeout: 30_000 }, async () => {
  const { store, methods, port } = await openBucket()
  await expect(store.putIfAbsent('key', bytes)).rejects.toMatchObject({
    code: 'store_unavailable',
    retryable: true,
    message: expect.stringContaining(
      `store the object key in the bucket s3://bucket/prefix at http://127.0.0.1:${port}`,
    ),
  })
  expect(methods()).toBe('PUT PUT PUT PUT PUT PUT')
})

test('a stream is sent again from its beginning, also one that does not fit into memory', async () => {
  const { store, requests } = await openBucket('cut', kept)
  const piece = new Uint8Array(3 * 1024 * 1024)
  async function* stream() {
    for (let index = 1; index <= 4; index += 1) yield piece.fill(index)
  }
  expect(await store.putIfAbsent('key', stream())).toBe(true)
  const expected = Buffer.concat([1, 2, 3, 4].map((value) => Buffer.alloc(piece.length, value)))
  expect(requests.at(-1)?.body.equals(expected)).toBe(true)
  expect(requests.at(-1)?.headers['content-length']).toBe(String(expected.length))
})

test('a body that is cut is read again', async () => {
  const half: Answer = {
    status: 206,
    headers: { 'content-range': 'bytes 0-4/5', 'content-length': '5' },
    body: 'he',
  }
  const { store } = await openBucket(half, holding('hello'))
  expect(await readText(store)).toBe('hello')
})

test('an object that is replaced while it is read is not mixed', async () => {
  const size = 6 * 1024 * 1024
  const first: Answer = {
    status: 206,
    headers: { 'content-range': `bytes 0-${4 * 1024 * 1024 - 1}/${size}`, etag: '"1"' },
    body: Buffer.alloc(4 * 1024 * 1024),
  }
  const { store, requests } = await openBucket(first, taken)
  await expect(readText(store)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(requests[1]?.headers['if-match']).toBe('"1"')
})

test.each([
  [403, 'AccessDenied', 'credentials', 'store_unavailable'],
  [404, 'NoSuchBucket', 'create the bucket', 'store_unavailable'],
  [301, 'PermanentRedirect', '?region=', 'store_unavailable'],
  [501, 'NotImplemented', '501', 'store_unsuitable'],
  [507, 'InsufficientStorage', '507', 'insufficient_storage'],
])('%i %s is told with advice, at once, and without a secret', async (status, name, advice, code) => {
  const { store, methods } = await openBucket(refusal(status, name))
  const error: unknown = await store.putIfAbsent('key', bytes).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(advice) })
  expect(methods()).toBe('PUT')
  expect(inspect(error, { depth: 10 })).not.toMatch(/very-secret|AKIATEST/)
})

test.each<[string, Answer[], boolean, string]>([
  ['the store is busy', [busy, { status: 204 }], true, 'DELETE DELETE'],
  ['it was gone', [absent], true, 'DELETE'],
  ['the reply is lost', ['cut', { status: 204 }], false, 'DELETE'],
  ['a gateway gave up waiting', [refusal(504, 'GatewayTimeout'), { status: 204 }], false, 'DELETE'],
])(
  'a deletion where %s is repeated only where it cannot come to pass later',
  async (_, answers, ok, methods) => {
    const bucket = await openBucket(...answers)
    const deletion = bucket.store.delete('key')
    if (ok) await deletion
    else await expect(deletion).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(bucket.methods()).toBe(methods)
  },
)

test('a store that does not tell the time is refused', async () => {
  const { store } = await openBucket({ status: 200, headers: { date: '', 'content-length': '5' } })
  expect(await store.head('key')).toMatchObject({ ageMs: Number.NaN })
})

test('a listing that fails throws, and one that is refused is not tried again', async () => {
  const { store, methods } = await openBucket(busy, refusal(403, 'AccessDenied'))
  await expect(store.list({ prefix: 'a/' })).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('list a/ in the bucket'),
  })
  expect(methods()).toBe('GET GET')
})

test('an age is the time between two readings of the store’s own clock', async () => {
  const { store } = await openBucket({
    status: 200,
    headers: {
      date: 'Fri, 01 Jan 2021 00:01:00 GMT',
      'last-modified': 'Fri, 01 Jan 2021 00:00:18 GMT',
      'content-length': '5',
    },
  })
  expect(await store.head('key')).toEqual({ key: 'key', size: 5, ageMs: 42_000 })
})

test('without credentials the advice names the variables', async () => {
  const { store } = await openBucket()
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere')
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
  await expect(store.head('key')).rejects.toMatchObject({
    retryable: false,
    message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  })
})

test.each(['gs://bucket/a', 'http://host/bucket', 'https://user:secret@host'])(
  '%s is neither a folder nor a bucket',
  async (place) => {
    const opening = openData(place)
    await expect(opening).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('secret') })
  },
)
