// A minimal server: it hashes a request's body while it writes it to disk, flushes it, and returns it on
// request. Everything that it is compared with does all that and more.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'

const path = process.argv[2] ?? ''
const server = createServer((request, response) => {
  void (async () => {
    if (request.method === 'PUT') {
      const hash = createHash('sha256')
      request.on('data', (piece: Buffer) => hash.update(piece))
      await pipeline(request, createWriteStream(path, { flush: true }))
      response.end(hash.digest('hex'))
    } else {
      response.setHeader('content-length', (await stat(path)).size)
      await pipeline(createReadStream(path), response)
    }
  })()
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : 0)
})
