import { once } from 'node:events'
import { connect } from 'node:net'
import { apiBase } from '@trackway/protocol'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createApp, createMemoryStore } from '../src/index.ts'
import { serve } from '../src/node/index.ts'

const requests = [
  `GET ${apiBase}/teams/t/experiments?limit=1 HTTP/1.1\r\nhost: a\r\nrange: bytes=0-1\r\n\r\n`,
  `POST ${apiBase}/teams/t/blobs/missing HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"digests":[]}`,
  `POST ${apiBase}/teams/t/blobs HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n--x--\r\n0\r\n\r\n`,
]

/** A request with bytes altered, removed or inserted, or truncated. */
const damaged = fc
  .tuple(
    fc.constantFrom(...requests),
    fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('', '\0', '\r', '\n', ' ', ':', '%', '\\', '/', '\u00ff', 'xx')),
      {
        maxLength: 3,
      },
    ),
    fc.option(fc.nat(), { freq: 4 }),
  )
  .map(([text, changes, end]) => {
    const units = Array.from(text)
    for (const [at, unit] of changes) units[at % units.length] = unit
    return units.slice(0, end === null ? undefined : end % units.length).join('')
  })

test('whatever bytes arrive on a connection, no response to them is a failure of the server', async () => {
  const failures: unknown[] = []
  const app = await createApp({
    store: createMemoryStore(),
    access: { user: 'eve' },
    onRequest: (event) => event.status >= 500 && failures.push(event),
  })
  const server = await serve({ app, port: 0 })
  onTestFinished(() => server.close())
  const port = Number(new URL(server.url).port)

  async function say(text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')))
    socket.on('error', () => {}) // A connection that is cut ends as well.
    const closed = once(socket, 'close')
    socket.end(Buffer.from(text, 'latin1'))
    await closed
    return answer
  }

  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      const answer = await say(text)
      expect(answer).toMatch(/^(HTTP\/1\.1 [1234]\d\d |$)/)
      if (answer.startsWith('HTTP/1.1 4')) expect(answer.toLowerCase()).toContain('application/problem+json')
    }),
    { numRuns: 300 },
  )
  expect(failures).toEqual([])
  // It still responds.
  expect(await say(requests[0] ?? '')).toMatch(/^HTTP\/1\.1 200 /)
})
