import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openS3Object } from '../../src/node/s3/s3-object.ts'

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the-secret-key')
})
afterEach(() => vi.unstubAllEnvs())

/** A store of one object of ten bytes, which records the requests. */
async function startStore() {
  const requests: { path: string; headers: string }[] = []
  const server = createServer(({ url = '', headers }, response) => {
    requests.push({ path: url.replace(/\?.*/, ''), headers: JSON.stringify(headers) })
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? []
    const bytes = Buffer.from('0123456789').subarray(Number(start), Number(end) + 1)
    const range = `bytes ${start}-${Number(start) + bytes.length - 1}/10`
    const facts = { 'last-modified': new Date().toUTCString(), etag: '"1"', 'content-range': range }
    if (url.includes('/missing')) {
      response.writeHead(404, { 'content-type': 'application/xml' })
      response.end('<Error><Code>NoSuchKey</Code><Message>no</Message></Error>')
    } else response.writeHead(206, facts).end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo // A server on a port has an address of this kind.
  return { query: `endpoint=http://127.0.0.1:${port}&region=us-east-1`, requests }
}

async function read(address: string, range?: { start: number; end: number }) {
  const object = await openS3Object(address, range)
  if (object === undefined) return undefined
  let text = ''
  for await (const piece of object.body) text += Buffer.from(piece).toString()
  return { size: object.size, text }
}

test('an object is found by its key, whatever its characters, as a whole and in part', async () => {
  const { query, requests } = await startStore()
  const address = `s3://some-bucket/year=2026//a%20%2B%25%C3%BC.csv?${query}`
  expect(await read(address)).toEqual({ size: 10, text: '0123456789' })
  expect(await read(address, { start: 3, end: 5 })).toEqual({ size: 10, text: '34' })
  expect(await read(`s3://some-bucket/missing?${query}`)).toBeUndefined()
  expect(decodeURIComponent(requests[0]?.path ?? '')).toBe('/some-bucket/year=2026//a +%ü.csv')
  expect(JSON.stringify(requests)).not.toContain('the-secret-key')
})

test.each(['https://host/a', 's3://bucket/a?profile=work', 's3://bucket/a?exclusiveWriter=true', 's3://b/a'])(
  '%s does not name an object that can be read',
  async (address) => {
    await expect(openS3Object(address)).rejects.toMatchObject({ code: 'option_invalid' })
  },
)
