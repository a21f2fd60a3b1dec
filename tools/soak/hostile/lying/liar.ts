import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { elsewhere, type HonestStore } from './honest-store.ts'
import { kindOf, type Kind, type Lie } from './lie.ts'

/** A server on a port that says what an honest one says, but for one lie. */
export interface Liar {
  url: string
  /** The subject of its lies from now on; undefined: none. */
  tell(store: HonestStore, lie: Lie | undefined): void
  /** How often it has lied since it was last set to lie. */
  lies(): number
  /** The requests since then. */
  asked(): ReadonlySet<Kind>
  close(): void
}

export async function startLiar(): Promise<Liar> {
  let store: HonestStore | undefined
  let lie: Lie | undefined
  let lies = 0
  let asked = new Set<Kind>()
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The liar has no port')
  const origin = `http://127.0.0.1:${address.port}`

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = requestOf(incoming, origin)
    const { pathname } = new URL(request.url)
    const kind = kindOf(request.method, pathname)
    asked.add(kind)
    const honest = async () => {
      if (kind === 'elsewhere') return new Response(elsewhere.slice())
      return (await store?.answer(request)) ?? new Response(null, { status: 503 })
    }
    const told = store && (await lie?.answer({ request, kind, pathname, origin, store, honest }))
    if (told !== undefined) lies += 1
    const answer = told ?? (await honest())
    if (answer === 'drop') outgoing.destroy()
    else if (answer !== 'silence') await send(answer, outgoing)
  }

  return {
    url: origin,
    tell(nextStore, nextLie) {
      store = nextStore
      lie = nextLie
      lies = 0
      asked = new Set()
    },
    lies: () => lies,
    asked: () => asked,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function requestOf(incoming: IncomingMessage, origin: string): Request {
  const { method = 'GET', url = '/' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, [value].flat().join(', '))
  const hasBody = method !== 'GET' && method !== 'HEAD'
  // A stream of Node is what the standard calls one, under other types.
  const body = hasBody ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, duplex: 'half' }
  return new Request(origin + url, init)
}

async function send(answer: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.status, [...answer.headers].flat())
  if (answer.body === null) outgoing.end()
  else await pipeline(answer.body, outgoing)
}
