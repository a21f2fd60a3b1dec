import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

/** The numbers of requests to an S3 store, by kind of billing. */
export interface RequestCounts {
  PUT: number
  GET: number
  HEAD: number
  LIST: number
  DELETE: number
}

/** A proxy in front of an S3 store that counts requests. */
export interface RequestCounter {
  /** The endpoint to use instead of the store's. */
  readonly endpoint: string
  /** Returns the counts since the last call. */
  take(): RequestCounts
  close(): void
}

/** Forwards all requests to the S3 store at `endpoint`, an `http:` URL, and counts them. */
export async function startRequestCounter(endpoint: string): Promise<RequestCounter> {
  const { hostname, port } = new URL(endpoint)
  let counts = none()

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    counts[kindOf(incoming)] += 1
    const { method, url, headers } = incoming
    // The header Host is forwarded unchanged, since the signature covers it.
    const forwarded = request({ hostname, port, method, path: url, headers })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      forwarded.once('response', resolve)
      forwarded.once('error', reject)
    })
    const [answer] = await Promise.all([answered, pipeline(incoming, forwarded)])
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    await pipeline(answer, outgoing)
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy()) // As the store's own connection would be.
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo // Such a server listens on a port.
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    take() {
      const taken = counts
      counts = none()
      return taken
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function none(): RequestCounts {
  return { PUT: 0, GET: 0, HEAD: 0, LIST: 0, DELETE: 0 }
}

function kindOf({ method, url }: IncomingMessage): keyof RequestCounts {
  if (method === 'PUT' || method === 'HEAD' || method === 'DELETE') return method
  return url?.includes('list-type=2') ? 'LIST' : 'GET'
}
