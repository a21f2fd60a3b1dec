import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import {
  createAdaptorServer,
  type Http2Bindings,
  type HttpBindings,
  type ServerType,
} from '@hono/node-server'
import { TrackwayError } from '@trackway/protocol'

/** The connection that a request came in on. */
export interface Connection {
  /** Cuts it, without an answer: for servers that misbehave on purpose. */
  destroy(): void
}

/** Where a server listens. */
export interface ServeOptions {
  /** What answers. An app needs the request alone. */
  app: { fetch(request: Request, connection: Connection): Promise<Response> }
  /** Default: 9111. 0 picks a free one. */
  port?: number
  /** Default: 127.0.0.1. */
  host?: string
}

/** A server that listens. */
export interface RunningServer {
  /** Where it answers, such as `http://127.0.0.1:9111`. */
  readonly url: string
  /** Takes no new connections, finishes what is in flight, and resolves when that is done. */
  close(): Promise<void>
}

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

/** The names under which a server on a loopback address is asked by this machine's own programs. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Whether only programs on this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return loopback.test(host)
}

/** Lets an app answer on a port. Throws `option_invalid` where the address cannot be had. */
export async function serve({ app, port = 9111, host = '127.0.0.1' }: ServeOptions): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch: (request: Request, { incoming, outgoing }: HttpBindings | Http2Bindings) =>
      app.fetch(withOwnBody(request, incoming), { destroy: () => outgoing.destroy() }),
  })
  const address = await listen(server, port, host)
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${name}:${address.port}`, close: () => close(server) }
}

/**
 * The same request with the body as it comes from the socket: the adapter's own stream copies every piece of it. A
 * reader that stops early leaves the connection as it is, for the answer still has to go out.
 */
function withOwnBody(request: Request, incoming: Readable): Request {
  if (request.method === 'GET' || request.method === 'HEAD') return request
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: request.headers,
    // Node's own type of web streams and the platform's differ in a detail that does not matter here.
    body: ReadableStream.from(incoming.iterator({ destroyOnReturn: false })) as BodyInit,
    duplex: 'half',
  }
  return new Request(request.url, init)
}

function listen(server: ServerType, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new TrackwayError('option_invalid', `Cannot listen on ${host}:${port}: ${explain(error)}`, {
          cause: error,
        }),
      )
    })
    server.listen(port, host, () => {
      const address = server.address()
      // A server that listens on a port has an address of this kind.
      if (address !== null && typeof address === 'object') resolve(address)
    })
  })
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return 'another program listens there; choose another port, or 0 for a free one'
  if (error.code === 'EACCES') return 'this user may not listen there; choose a port above 1023'
  return error.message
}

function close(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
