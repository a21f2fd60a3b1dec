import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { get, request, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'

/** One streamed PUT to a bare server, and one streamed GET from it. */
export interface BareServer {
  put(path: string): Promise<void>
  get(path: string): Promise<void>
  stop(): void
}

export async function startBareServer(data: string): Promise<BareServer> {
  const child = fork(new URL('bare-server.ts', import.meta.url), [data])
  const [port] = (await once(child, 'message')) as [number]
  const address = { host: '127.0.0.1', port }
  return {
    async put(path) {
      const { size } = await stat(path)
      const sending = request({ ...address, method: 'PUT', headers: { 'content-length': size } })
      const answer = once(sending, 'response') as Promise<[IncomingMessage]>
      await pipeline(createReadStream(path), sending)
      const [response] = await answer
      for await (const _ of response);
    },
    async get(path) {
      const [response] = (await once(get(address), 'response')) as [IncomingMessage]
      const hash = createHash('sha256')
      response.on('data', (piece: Buffer) => hash.update(piece))
      await pipeline(response, createWriteStream(path, { flush: true }))
      hash.digest('hex')
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
