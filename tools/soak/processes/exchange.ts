import { request, type Agent } from 'node:http'

/** A server, and the credentials to use there. */
export interface Site {
  /** The connections that are used again. False: each request has one of its own. */
  agent: Agent | false
  host: string
  port: number
  key?: string
}

/** A request. */
export interface Exchange {
  method?: string
  path: string
  type?: string
  body?: Uint8Array
  signal?: AbortSignal
}

/** A response. */
export interface Answer {
  status: number
  retryAfter: string | undefined
  text: string
}

/** Sends a request once and reads its response. Rejects if the connection breaks. */
export function exchange(
  { agent, host, port, key }: Site,
  { method = 'GET', path, type, body, signal }: Exchange,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(type !== undefined && { 'content-type': type }),
      ...(body && { 'content-length': body.length }),
    }
    const options = { agent, host, port, method, path, headers, ...(signal && { signal }) }
    const outgoing = request(options, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          text: Buffer.concat(pieces).toString('latin1'),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
