import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { getRequestListener, RequestError, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import { isRefusedByFetch, TrackwayError, withoutUndefined } from '@trackway/protocol'
import { amount, checkOptions, nested, text, whole, type KindsOf } from '@trackway/protocol/options'
import { defaultConnectionLimits, type ConnectionLimits } from '../http/limits.ts'
import { problemResponse } from '../http/problem-response.ts'
import { noteConnection } from '../engine/pauses.ts'
import { createAnswerBudget } from './answer-budget.ts'
import { closeAfter, isUnread } from './close-after.ts'
import { fewInATurn } from './few-in-a-turn.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { refuseConnection } from './refused-connection.ts'

/** The connection that a request came in on. */
export interface Connection {
  /** Cuts it without an answer: for servers that misbehave on purpose. */
  destroy(): void
}

/** What handles requests. An app needs only the request. */
export interface ServedApp {
  /** Answers one request. */
  fetch(request: Request, connection: Connection): Promise<Response>
}

/** Options of `serve`. */
export interface ServeOptions {
  /** An app, or a function that creates it: it is called once the port is taken, and requests wait for it. */
  app: ServedApp | (() => Promise<ServedApp>)
  /** Default: 9111. 0 picks a free one. */
  port?: number | undefined
  /** Default: 127.0.0.1. */
  host?: string | undefined
  /** Limits on connections, before any request arrives. */
  connections?: Partial<ConnectionLimits> | undefined
}

/** A running server. */
export interface RunningServer {
  /** Its URL, such as `http://127.0.0.1:9111`. */
  readonly url: string
  /** Accepts no new connections, and resolves when the requests in flight are done. May be called twice. */
  close(): Promise<void>
}

/** Connections that wait to be accepted; the system may allow fewer. */
const backlog = 4096

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

/** The host names that this machine's own programs use for a server on a loopback address. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Whether only programs on this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return loopback.test(host)
}

const optionKinds = {
  app: {
    expected: 'an app, or a function that creates one',
    example: 'await createApp({ store })',
    accepts: (value) => typeof value === 'function' || typeof Object(value).fetch === 'function',
    isRequired: true,
  },
  port: whole(9111, 0, 65_535),
  host: text('127.0.0.1'),
  connections: nested({
    connections: whole(2000, 1),
    waiting: whole(16, 1),
    answeredBytes: amount(1_000_000),
    headerBytes: whole(16_384, 1),
    headersMs: amount(20_000),
    idleMs: amount(10_000),
    silentMs: amount(300_000),
  } satisfies KindsOf<ConnectionLimits>),
} satisfies KindsOf<ServeOptions>

/**
 * Serves an app on a port. Throws `option_invalid` if the address is not available, and what creating the app
 * throws.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  checkOptions('serve', options, optionKinds)
  const { app, port = 9111, host = '127.0.0.1' } = options
  const limits = { ...defaultConnectionLimits, ...withoutUndefined(options.connections ?? {}) }
  if (isRefusedByFetch(port)) throw refusedPort(port)
  const admit = createAnswerBudget(limits.answeredBytes)
  const served = Promise.withResolvers<ServedApp>()
  const listener = getRequestListener(
    async (request: Request, { incoming, outgoing }: HttpBindings | Http2Bindings) => {
      const { fetch } = await served.promise
      const response = await fetch(withOwnBody(request, incoming), { destroy: () => outgoing.destroy() })
      if (isUnread(incoming)) closeAfter(incoming, outgoing)
      return admit(response, outgoing)
    },
    { errorHandler: refuseRequest },
  )
  const server = createHttpServer(limits)
  const begin = fewInATurn((incoming, outgoing) => void listener(incoming, outgoing))
  const answer = oneAtATime(begin, limits.waiting)
  server.on('request', answer)
  // Unknown expectations are ignored, as RFC 9110 allows, so that the app answers this request as well.
  server.on('checkExpectation', answer)
  const address = await listen(server, port, host)
  try {
    served.resolve(typeof app === 'function' ? await app() : app)
  } catch (error) {
    server.close()
    server.closeAllConnections()
    throw error
  }
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  let closing: Promise<void> | undefined
  return { url: `http://${name}:${address.port}`, close: () => (closing ??= close(server)) }
}

function refusedPort(port: number): TrackwayError {
  return new TrackwayError(
    'option_invalid',
    `Cannot serve on port ${port}: browsers and the fetch of Node, Deno and Bun refuse to connect to it, since other protocols use it; choose another port, such as 9111`,
  )
}

function createHttpServer(limits: ConnectionLimits): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(limits.headersMs, 5_000),
    // A large body over a slow line may take as long as it needs: the app aborts those that hardly move.
    requestTimeout: 0,
    requireHostHeader: false, // A request without one is refused below, in our own words.
  })
  // A client may end its side once it has sent its request (RFC 9112, section 9.6), and gets the
  // answer all the same.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.maxConnections = limits.connections
  server.setTimeout(limits.silentMs)
  server.on('connection', noteConnection)
  server.on('clientError', (error, socket) => void refuseConnection(error, socket, limits))
  return server
}

/** Answers a request that cannot be passed to the app, because its address or its Host header is invalid. */
function refuseRequest(error: unknown): Response {
  const requestId = crypto.randomUUID()
  const known =
    error instanceof RequestError
      ? new TrackwayError('request_invalid', `The address of the request cannot be read: ${error.message}`)
      : error
  const response = problemResponse(known, requestId)
  response.headers.set('x-request-id', requestId)
  return response
}

/**
 * The same request with the body as it comes from the socket: the adapter's own stream copies every piece of
 * it. A reader that stops early leaves the connection open, because the answer still has to be sent.
 */
function withOwnBody(request: Request, incoming: Readable): Request {
  // Web requests cannot have this method, which is not ours either: the app refuses the method that replaces
  // it.
  if (request.method === 'TRACE') return new Request(request.url, { method: 'OPTIONS' })
  if (request.method === 'GET' || request.method === 'HEAD') return request
  // Not a new Request: a test's DOM (happy-dom) has its own class, which drops headers.
  const body = ReadableStream.from(incoming.iterator({ destroyOnReturn: false }))
  return Object.defineProperty(request, 'body', { value: body })
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new TrackwayError('option_invalid', `Cannot listen on ${host}:${port}: ${explain(error)}`, {
          cause: error,
        }),
      )
    })
    server.listen({ port, host, backlog }, () => {
      const address = server.address()
      // A server that listens on a port has an address of this kind.
      if (address !== null && typeof address === 'object') resolve(address)
    })
  })
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return 'another program is listening there; choose another port, or 0 for a free one'
  if (error.code === 'EACCES') return 'this user may not listen there; choose a port above 1023'
  return error.message
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeIdleConnections()
    server.keepAliveTimeout = 1 // Connections that become idle from now on close at once.
  })
}
