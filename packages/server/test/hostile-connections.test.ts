import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { apiBase, problemSchema } from '@trackway/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { createApp, createMemoryStore, type AppOptions } from '../src/index.ts'
import { serve, type ServeOptions } from '../src/node/index.ts'

async function start(
  connections: ServeOptions['connections'] = {},
  options: Partial<AppOptions> = {},
): Promise<number> {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'ada' }, ...options })
  const server = await serve({ app, port: 0, connections })
  onTestFinished(() => server.close())
  return Number(new URL(server.url).port)
}

/** A connection of a client that obeys no rule, and everything that returns until it ends. */
async function open(port: number): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
  socket.on('error', () => {}) // A connection that is cut ends as well.
  const answer = once(socket, 'close').then(() => text)
  await once(socket, 'connect')
  return { socket, answer }
}

async function say(port: number, text: string): Promise<string> {
  const { socket, answer } = await open(port)
  socket.write(text)
  return answer
}

/** The problem in a raw response, after which the connection ends. */
function problemIn(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head.toLowerCase()).toContain('content-type: application/problem+json')
  const problem = problemSchema.parse(JSON.parse(body))
  expect(head).toContain(` ${problem.status} `)
  return problem
}

const question = `POST ${apiBase}/teams/ours/blobs/missing HTTP/1.1\r\nhost: trackway.test\r\ncontent-type: application/json\r\n`

test.each([
  ['no HTTP at all', '\x16\x03\x01garbage\r\n\r\n'],
  ['no Host', `GET ${apiBase} HTTP/1.1\r\nconnection: close\r\n\r\n`],
  ['an invalid Host', `GET ${apiBase} HTTP/1.1\r\nhost: a/b\r\nconnection: close\r\n\r\n`],
  ['a backslash in the address', 'GET /api\\v1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  ['an address of another kind', 'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  ['two lengths', `${question}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
  ['a length and chunks', `${question}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a chunk without a length', `${question}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`],
])('the response to a request with %s is a problem', async (_, text) => {
  expect(problemIn(await say(await start(), text))).toMatchObject({ code: 'request_invalid', status: 400 })
})

test("a method that the platform's requests cannot have is one that the route does not support", async () => {
  const answer = await say(await start(), `TRACE ${apiBase} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
  expect(problemIn(answer)).toMatchObject({ code: 'method_not_allowed' })
})

test('an unknown expectation is ignored', async () => {
  const answer = await say(
    await start(),
    `GET ${apiBase} HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\nconnection: close\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
})

test('headers beyond their limit are refused as they arrive', async () => {
  const answer = await say(await start(), `GET ${apiBase} HTTP/1.1\r\nx: ${'a'.repeat(17 * 1024)}`)
  expect(problemIn(answer)).toMatchObject({ code: 'too_large', limit: 'headerBytes', maximum: 16_384 })
})

test.each([
  ['headers that never end', `GET ${apiBase} HTTP/1.1\r\nx: y\r\n`],
  ['a connection that says nothing', ''],
])('%s are aborted', async (_, text) => {
  const answer = await say(await start({ headersMs: 100 }), text)
  expect(problemIn(answer)).toMatchObject({ code: 'body_too_slow', limit: 'headersMs', maximum: 100 })
})

test('a body that stalls is aborted, and its connection ends', async () => {
  const port = await start({}, { bodies: { windowMs: 50 } })
  const answer = await say(port, `${question}content-length: 100\r\n\r\n{"digests"`)
  expect(problemIn(answer)).toMatchObject({ code: 'body_too_slow', limit: 'bytesPerSecond' })
})

test('the memory of a client that vanishes in the middle of its body is freed', async () => {
  const answered = Promise.withResolvers<number>()
  const port = await start(
    {},
    { bodies: { heldBytes: 100 }, onRequest: ({ status }) => answered.resolve(status) },
  )
  const { socket } = await open(port)
  socket.write(`${question}content-length: 99\r\nexpect: 100-continue\r\n\r\n{"digests"`)
  await once(socket, 'data') // The server has begun with this request by now.
  socket.destroy()
  expect(await answered.promise).toBe(400)
  const answer = await say(port, `${question}content-length: 14\r\nconnection: close\r\n\r\n{"digests":[]}`)
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
})

test('a body that is refused before its end gets a problem, which says that the connection ends', async () => {
  const { socket, answer } = await open(await start())
  socket.write(
    `POST ${apiBase}/teams/ours/blobs HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data\r\ncontent-length: 20000000\r\n\r\n`,
  )
  const piece = Buffer.alloc(64 * 1024, 120)
  for (let sent = 0; sent < 12_000_000; sent += piece.length) socket.write(piece)
  const text = await answer
  expect(text.toLowerCase()).toContain('\r\nconnection: close\r\n')
  expect(problemIn(text)).toMatchObject({ code: 'request_invalid' })
})

test('connections beyond the limit are closed, and when one ends another is accepted', async () => {
  const port = await start({ connections: 2 })
  const first = await open(port)
  await open(port)
  const third = await open(port)
  expect(await third.answer).toBe('')
  first.socket.end()
  await first.answer
  const get = `GET ${apiBase}/healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`
  expect(await say(port, get)).toContain('"status":"ok"')
})

test('pipelined requests are answered in order, one at a time', async () => {
  let active = 0
  let most = 0
  const app = {
    async fetch(request: Request) {
      active += 1
      most = Math.max(most, active)
      await new Promise((resolve) => setImmediate(resolve))
      active -= 1
      return new Response(`${new URL(request.url).pathname}\n`)
    },
  }
  const server = await serve({ app, port: 0 })
  onTestFinished(() => server.close())
  const paths = Array.from({ length: 16 }, (_, index) => `/${index}`)
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`)
  const last = 'GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
  const answer = await say(Number(new URL(server.url).port), requests.join('') + last)
  expect(answer.match(/^\/\w+$/gm)).toEqual([...paths, '/last'])
  expect(most).toBe(1)
})

test('a connection with a thousand pipelined requests is cut, and few of them are answered', async () => {
  let answered = 0
  const port = await start({}, { onRequest: () => void (answered += 1) })
  await say(port, `GET ${apiBase}/openapi.json HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(1100))
  expect(answered).toBeLessThanOrEqual(17)
  expect(
    await say(port, `GET ${apiBase}/healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`),
  ).toContain('"status":"ok"')
})

test('few of a thousand pipelined requests are parsed: the rest of the packet is dropped', async () => {
  const port = await start()
  let parsed = 0
  const count = () => void (parsed += 1)
  subscribe('http.server.request.start', count)
  onTestFinished(() => void unsubscribe('http.server.request.start', count))
  await say(port, `GET ${apiBase}/healthz HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(1100))
  expect(parsed).toBeLessThanOrEqual(18)
})

test('unread responses leave room for small ones, and are refused beyond the budget', async () => {
  const bytes = 24 * 1024 * 1024 // More than sockets take.
  const app = {
    fetch: ({ url }: Request) => {
      const length = url.endsWith('/small') ? 5 : bytes
      const headers = { 'content-type': 'application/json', 'content-length': String(length) }
      return Promise.resolve(new Response(new Uint8Array(length).fill(120), { headers }))
    },
  }
  const server = await serve({ app, port: 0, connections: { answeredBytes: 2 * bytes } })
  onTestFinished(() => server.close())
  const port = Number(new URL(server.url).port)
  const request = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`
  const readers = [await open(port), await open(port)]
  for (const { socket } of readers) {
    socket.write(request('/large'))
    await once(socket, 'data') // The answer has begun.
    socket.pause()
  }
  expect(problemIn(await say(port, request('/large')))).toMatchObject({
    code: 'rate_limited',
    limit: 'answeredBytes',
    retryAfterSeconds: 2,
  })
  expect(await say(port, request('/small'))).toContain('xxxxx')
  for (const { socket } of readers) socket.destroy()
  await Promise.all(readers.map(({ answer }) => answer))
  expect(await say(port, request('/large'))).toMatch(/^HTTP\/1.1 200 /)
})

test('an idle connection is closed', async () => {
  const answer = await say(await start({ idleMs: 1 }), `GET ${apiBase}/healthz HTTP/1.1\r\nhost: a\r\n\r\n`)
  expect(answer).toContain('"status":"ok"')
})

test('a response that is never read is aborted', async () => {
  const cancelled = Promise.withResolvers<void>()
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
    cancel: () => cancelled.resolve(),
  })
  const app = { fetch: () => Promise.resolve(new Response(endless)) }
  const server = await serve({ app, port: 0, connections: { silentMs: 100 } })
  onTestFinished(() => server.close())
  const { socket } = await open(Number(new URL(server.url).port))
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await cancelled.promise
})
