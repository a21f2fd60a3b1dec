import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { collectBytes } from '../../src/stores/byte-stream.ts'
import type { ObjectStore } from '../../src/stores/object-store.ts'
import { openObjectStore } from '../../src/node/open-object-store.ts'
import { parseS3Location } from '../../src/node/s3/s3-location.ts'
import { createS3Store } from '../../src/node/s3/s3-store.ts'

const encoder = new TextEncoder()

/** A received request. */
interface Request {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A response, or `cut` for a connection that ends without one. */
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
    headers: {
      'content-range': `bytes 0-${last}/${content.length}`,
      'content-length': `${content.length}`,
      'last-modified': new Date().toUTCString(),
    },
    body: content,
  }
}

/** A store whose bucket is on a server that returns the given answers, one after another. */
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
  // A server on a port has an address of this kind.
  const { port } = server.address() as AddressInfo
  const location = parseS3Location(`s3://bucket/prefix?endpoint=http://127.0.0.1:${port}`)
  const store = createS3Store(location, { sleep: () => Promise.resolve() })
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
  ['another writer is storing it and wins', [conflict, holding('other')], false, 'PUT HEAD'],
  ['another writer is storing it and gives up', [conflict, absent, kept], true, 'PUT HEAD PUT'],
  ['the store asks to slow down', [busy, busy, kept], true, 'PUT PUT PUT'],
  ['the reply is lost', ['cut', taken, holding('hello')], true, 'PUT PUT GET'],
  ['a reply is lost and another writer was first', ['cut', taken, holding('other')], false, 'PUT PUT GET'],
  [
    'it is stored but the answer is a failure',
    [refusal(500, 'InternalError'), taken, holding('hello')],
    true,
    'PUT PUT GET',
  ],
  [
    'a reply is lost and another writer is storing it',
    ['cut', conflict, holding('other'), holding('other')],
    false,
    'PUT PUT HEAD GET',
  ],
  [
    'a reply is lost and another object is longer',
    ['cut', taken, holding('hello you')],
    false,
    'PUT PUT GET',
  ],
  [
    'a reply is lost and the object is gone',
    ['cut', taken, refusal(404, 'NoSuchKey'), kept],
    true,
    'PUT PUT GET PUT',
  ],
  ['the request never arrived', ['cut', kept], true, 'PUT PUT'],
])('a put if %s', async (_, answers, outcome, methods) => {
  const bucket = await openBucket(...answers)
  expect(await bucket.store.putIfAbsent('key', bytes)).toBe(outcome)
  expect(bucket.methods()).toBe(methods)
})

test('a put whose outcome stays unknown fails with that message after eight attempts', {
  timeout: 30_000,
}, async () => {
  const { store, methods, port } = await openBucket()
  await expect(store.putIfAbsent('key', bytes)).rejects.toMatchObject({
    code: 'store_unavailable',
    retryable: true,
    message: expect.stringContaining(
      `store the object key in the bucket s3://bucket/prefix at http://127.0.0.1:${port}`,
    ),
  })
  expect(methods()).toBe('PUT PUT PUT PUT PUT PUT PUT PUT')
})

test('a stream is sent again from its beginning, even if it does not fit into memory', async () => {
  const { store, requests } = await openBucket(absent, 'cut', kept)
  const piece = new Uint8Array(3 * 1024 * 1024)
  async function* stream() {
    for (let index = 1; index <= 4; index += 1) yield piece.fill(index)
  }
  expect(await store.putIfAbsent('key', stream())).toBe(true)
  const expected = Buffer.concat([1, 2, 3, 4].map((value) => Buffer.alloc(piece.length, value)))
  expect(requests.at(-1)?.body.equals(expected)).toBe(true)
  expect(requests.at(-1)?.headers['content-length']).toBe(String(expected.length))
})

test('a body that is cut off is read again', async () => {
  const half: Answer = {
    status: 206,
    headers: { 'content-range': 'bytes 0-4/5', 'last-modified': new Date().toUTCString() },
    body: 'he',
  }
  const { store } = await openBucket(half, holding('hello'))
  expect(await readText(store)).toBe('hello')
})

test('an object that is replaced while it is read is not mixed with its replacement', async () => {
  const size = 6 * 1024 * 1024
  const first: Answer = {
    status: 206,
    headers: {
      'content-range': `bytes 0-${4 * 1024 * 1024 - 1}/${size}`,
      'last-modified': new Date().toUTCString(),
      etag: '"1"',
    },
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
])('%i %s is reported with advice, at once, and without a secret', async (status, name, advice, code) => {
  const { store, methods } = await openBucket(refusal(status, name))
  const error: unknown = await store.putIfAbsent('key', bytes).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(advice) })
  expect(methods()).toBe('PUT')
  expect(inspect(error, { depth: 10 })).not.toMatch(/very-secret|AKIATEST/)
})

test.each<[string, Answer[], boolean, string]>([
  ['the store is busy', [busy, { status: 204 }], true, 'DELETE DELETE'],
  ['the object was gone', [refusal(404, 'NoSuchKey')], true, 'DELETE'],
  ['a proxy in front of the store is busy', [{ status: 503 }, { status: 204 }], false, 'DELETE'],
  ['the store fails', [refusal(500, 'InternalError'), { status: 204 }], false, 'DELETE'],
  ['the reply is lost', ['cut', { status: 204 }], false, 'DELETE'],
  ['a gateway gave up waiting', [refusal(504, 'GatewayTimeout'), { status: 204 }], false, 'DELETE'],
])('a deletion if %s is repeated only if it cannot happen later', async (_, answers, ok, methods) => {
  const bucket = await openBucket(...answers)
  const deletion = bucket.store.delete('key')
  if (ok) await deletion
  else await expect(deletion).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(bucket.methods()).toBe(methods)
})

const listed = (inside: string) =>
  `<ListBucketResult><Name>bucket</Name><Prefix>prefix/a/</Prefix>${inside}</ListBucketResult>`
const listedObject = (key: string) =>
  `<Contents><Key>prefix/${key}</Key><Size>5</Size><LastModified>2021-01-01T00:00:00.000Z</LastModified></Contents>`

test.each([
  ['a login page', '<html><body>Sign in</body></html>'],
  ['nothing', ''],
  ['a listing that does not say whether it is the last one', listed('')],
  ['a listing of something else', listed('<IsTruncated>false</IsTruncated>').replace('/a/', '/b/')],
  [
    'an object without a size',
    listed(`<IsTruncated>false</IsTruncated>${listedObject('a/1').replace('<Size>5</Size>', '')}`),
  ],
])('%s is not mistaken for a listing', { timeout: 30_000 }, async (_, body) => {
  const { store } = await openBucket(...Array.from({ length: 8 }, (): Answer => ({ status: 200, body })))
  await expect(store.list({ prefix: 'a/' })).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('an empty page that is not the last one is followed by the next', async () => {
  const { store, requests } = await openBucket(
    {
      status: 200,
      body: listed('<IsTruncated>true</IsTruncated><NextContinuationToken>here</NextContinuationToken>'),
    },
    { status: 200, body: listed(`<IsTruncated>false</IsTruncated>${listedObject('a/1')}`) },
  )
  const { objects, next } = await store.list({ prefix: 'a/' })
  expect(objects.map(({ key }) => key)).toEqual(['a/1'])
  expect(next).toBeUndefined()
  expect(requests[1]?.url).toContain('continuation-token=here')
})

test('a listing continues after a folded prefix', async () => {
  const { store, requests } = await openBucket({
    status: 200,
    body: listed('<IsTruncated>false</IsTruncated>'),
  })
  await store.list({ prefix: 'a/', delimiter: '/', after: 'a/b/' })
  expect(requests[0]?.url).toContain(`start-after=${encodeURIComponent('prefix/a/b/~')}`)
})

test('a request is repeated if the answer has no time', async () => {
  const dated = { 'last-modified': 'Fri, 01 Jan 2021 00:00:18 GMT', 'content-length': '5' }
  const { store, methods } = await openBucket(
    { status: 200, headers: { ...dated, date: '' } },
    { status: 200, headers: { ...dated, date: 'Fri, 01 Jan 2021 00:01:00 GMT' } },
  )
  expect(await store.head('key')).toMatchObject({ ageMs: 42_000 })
  expect(methods()).toBe('HEAD HEAD')
})

test.each<[string, Answer]>([
  ['a page that is not the store’s', { status: 404, body: '<html><body>404</body></html>' }],
  ['a bucket that is gone', refusal(404, 'NoSuchBucket')],
])('%s does not make an object absent', async (_, answer) => {
  const { store } = await openBucket(answer, answer)
  await expect(store.get('key')).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(store.delete('key')).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('a success that is not the store’s does not count', { timeout: 30_000 }, async () => {
  const page: Answer = { status: 200, body: '<html><body>Welcome</body></html>' }
  const { store } = await openBucket(...Array.from({ length: 9 }, () => page))
  await expect(store.delete('key')).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(store.putIfAbsent('key', bytes)).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('a large body is not sent if the key is taken, and leaves no file open', async () => {
  const open = () => readdirSync('/proc/self/fd').length
  async function* stream() {
    for (let index = 0; index < 3; index += 1) yield new Uint8Array(4 * 1024 * 1024)
  }
  const { store, methods } = await openBucket(holding('other'), absent, busy, kept)
  const before = open()
  expect(await store.putIfAbsent('key', stream())).toBe(false)
  expect(methods()).toBe('HEAD')
  expect(await store.putIfAbsent('key', stream())).toBe(true)
  expect(methods()).toBe('HEAD HEAD PUT PUT')
  expect(open()).toBeLessThanOrEqual(before + 2) // The connection has two ends.
})

test('a body that cannot be kept is reported as such', async () => {
  vi.stubEnv('TMPDIR', '/nowhere/at/all')
  const { store } = await openBucket()
  async function* stream() {
    yield new Uint8Array(9 * 1024 * 1024)
  }
  await expect(store.putIfAbsent('key', stream())).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('/nowhere/at/all'),
  })
})

test('a listing that fails throws, and one that is refused is not retried', async () => {
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

test.each([
  ['s3://bucket', 'AWS_REGION', {}],
  ['s3://bucket', 'at http://127.0.0.1:1', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'x' }],
])(
  '%s fails with %s in its message',
  { timeout: 30_000 },
  async (location, part, variables: Record<string, string>) => {
    await openBucket()
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL'])
      vi.stubEnv(name, variables[name])
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
    const store = await openObjectStore(location)
    await expect(store.head('key')).rejects.toMatchObject({ message: expect.stringContaining(part) })
  },
)

test('a server that does not speak S3 is reported as such', { timeout: 30_000 }, async () => {
  const { store } = await openBucket({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.' })
  await expect(store.get('key')).rejects.toMatchObject({ message: expect.stringContaining('http or https') })
})

test('without credentials the advice names the variables', async () => {
  const { store } = await openBucket()
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere')
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
  await expect(store.head('key')).rejects.toMatchObject({
    message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  })
})

test.each([
  'gs://bucket/a',
  'http://host/bucket',
  'https://user:sec/ret@host',
  's3:/bucket/a',
  's3:bucket',
  's3//bucket',
  'bucket?endpoint=http://a',
])('%s is neither a folder nor the location of a bucket', async (location) => {
  const opening = openObjectStore(location)
  await expect(opening).rejects.toMatchObject({ code: 'option_invalid' })
  await expect(opening).rejects.not.toMatchObject({ message: expect.stringMatching('sec') })
})
