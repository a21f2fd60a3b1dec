import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** A request that reached the server. */
export interface WebRequest {
  path: string
  headers: IncomingHttpHeaders
}

/** A small HTTP server on a port, for what stays elsewhere. */
export interface WebServer {
  url: string
  /** The content, by path. */
  files: Map<string, Uint8Array>
  requests: WebRequest[]
  /** Returns the content, or the range of it that is requested. */
  give(this: void, request: WebRequest, response: ServerResponse): void
  /** What it does. Default: `give`. */
  answer(this: void, request: WebRequest, response: ServerResponse): void
}

/** Starts one that knows ranges, and ends with the test. */
export async function startWeb(files: Record<string, Uint8Array | string> = {}): Promise<WebServer> {
  const server = createServer((incoming, response) => {
    const request = { path: incoming.url ?? '', headers: incoming.headers }
    web.requests.push(request)
    web.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const encode = (content: Uint8Array | string) =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content
  const give: WebServer['give'] = (request, response) => sendFile(web, request, response)
  const web: WebServer = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    files: new Map(Object.entries(files).map(([path, content]) => [path, encode(content)])),
    requests: [],
    give,
    answer: give,
  }
  return web
}

function sendFile({ files }: WebServer, { path, headers }: WebRequest, response: ServerResponse): void {
  const content = files.get(path)
  if (content === undefined) return void response.writeHead(404).end('nothing')
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined)
    return void response.writeHead(200, { 'content-length': content.length }).end(content)
  const start = Number(first)
  const end = last ? Math.min(Number(last) + 1, content.length) : content.length
  if (start >= content.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
  }
  const range = `bytes ${start}-${end - 1}/${content.length}`
  response
    .writeHead(206, { 'content-range': range, 'content-length': end - start })
    .end(content.subarray(start, end))
}
