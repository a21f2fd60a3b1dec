import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { sha256 } from '@trackway/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { bin, run, serve, temporaryFolder } from './server-command.ts'

test('the first start shows a key once, and the key works from then on', async () => {
  const folder = await temporaryFolder()
  const first = await serve(folder)
  const me = async (url: string, key: string | undefined) =>
    (await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${key}`, connection: 'close' } }))
      .status
  expect(await me(first.url, first.key)).toBe(200)
  expect(await me(first.url, 'tw_other')).toBe(401)
  first.child.kill('SIGTERM')
  expect(await first.exited).toEqual([0, null])
  const second = await serve(folder)
  expect(second.key).toBeUndefined()
  expect(second.output()).toContain('1 API key; create another with trackway-server keys add')
  expect(await me(second.url, first.key)).toBe(200)
})

test.runIf(process.platform === 'linux')(
  'a server has glibc return its buffers, and says nothing about that',
  async () => {
    const { child, output } = await serve(await temporaryFolder())
    const environment = await readFile(`/proc/${child.pid}/environ`, 'latin1')
    expect(environment.split('\0')).toContain('MALLOC_MMAP_THRESHOLD_=32768')
    expect(output().trim().split('\n')).toHaveLength(3)
    expect(output()).not.toContain('Warning')
  },
)

test('if the port is taken, no store is created and no key is shown', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo // It listens on a port.
  const folder = await temporaryFolder()
  const { code, output } = await run('serve', '--store', join(folder, 'data'), '--port', String(port))
  expect(code).toBe(1)
  expect(output).toContain(`Cannot listen on 127.0.0.1:${port}: another program is listening there`)
  expect(output).not.toContain('tw_')
  expect(await readdir(folder)).toEqual([])
})

test('a port that fetch refuses is refused before anything is made', async () => {
  const folder = await temporaryFolder()
  const { code, output } = await run('serve', '--store', join(folder, 'data'), '--port', '6000')
  expect(code).toBe(1)
  expect(output).toContain('Cannot serve on port 6000: browsers and the fetch of Node')
  expect(await readdir(folder)).toEqual([])
})

test('a store without a key is not opened to other machines, and is not made', async () => {
  const folder = await temporaryFolder()
  const words = ['serve', '--store', join(folder, 'data'), '--port', '0', '--host', '0.0.0.0']
  const { code, output } = await run(...words)
  expect(code).toBe(1)
  expect(output).toContain('keys add --create')
  expect(await readdir(folder)).toEqual([])
})

test.each([
  { words: ['serve', '--stor', 'x'], says: "unknown option '--stor'; did you mean --store?" },
  { words: ['srve'], says: "unknown command 'srve'; did you mean serve?" },
  { words: ['keys', 'ad'], says: "unknown command 'ad'; did you mean add?" },
  { words: ['check'], says: 'the option --store <store> is required' },
])('a wrong command is reported in one line: $words', async ({ words, says }) => {
  expect(await run(...words)).toEqual({ code: 1, output: `trackway-server: ${says} (option_invalid)\n` })
})

test.runIf(process.platform === 'linux')(
  'an output that cannot be written is a failure in one line',
  async () => {
    const child = spawn(process.execPath, [bin, '--help'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    })
    let err = ''
    child.stderr?.on('data', (bytes: Buffer) => (err += bytes.toString()))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(err).toMatch(/^trackway-server: Writing to standard output failed \(ENOSPC[^\n]*\n$/)
  },
)

test('pages of the given origins are allowed', async () => {
  const origins = ['https://app.example.org', 'http://localhost:5173']
  const { url } = await serve(await temporaryFolder(), '--allowed-origin', ...origins)
  for (const origin of [...origins, 'http://localhost:5174']) {
    const headers = { origin, 'access-control-request-method': 'GET', connection: 'close' }
    const answer = await fetch(`${url}/api/v1/me`, { method: 'OPTIONS', headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origins.includes(origin) ? origin : null)
  }
})

test('a wrong argument is reported, with the help', async () => {
  const { code, output } = await run('serve', '--store', 'x', '--port', 'high')
  expect(code).toBe(1)
  expect(output).toContain('The port is a number')
})

test('SIGTERM lets requests in progress end, and does not wait for idle connections', async () => {
  const { child, url, key, exited } = await serve(await temporaryFolder())
  const authorization = `Bearer ${key}`
  await (await fetch(`${url}/api/v1/me`, { headers: { authorization } })).text() // Stays open, idle.
  const bytes = Buffer.alloc(100_000, 7)
  const digest = sha256(bytes)
  const head = Buffer.from(`--x\r\ncontent-disposition: form-data; name="${digest}"; filename="blob"\r\n\r\n`)
  const body = Buffer.concat([head, bytes, Buffer.from('\r\n--x--\r\n')])
  const upload = request(`${url}/api/v1/teams/default/blobs`, {
    method: 'POST',
    headers: {
      authorization,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': body.length,
      expect: '100-continue',
    },
  })
  upload.flushHeaders()
  await once(upload, 'continue') // The server has the request by now.
  upload.write(body.subarray(0, 50_000))
  child.kill('SIGTERM')
  const answered = once(upload, 'response')
  upload.end(body.subarray(50_000))
  const [response] = await answered
  expect(response).toMatchObject({ statusCode: 200 })
  response.resume()
  expect(await exited).toEqual([0, null])
})

const stores = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []

test.each(stores)(
  'over %s presigned URLs are offered, unless the operator does not want them',
  async (bucket) => {
    const location = bucket.replace('?', `/${randomUUID()}?`)
    const offersOf = async (...flags: string[]) => {
      const { url, child } = await serve(location, ...flags)
      const response = await fetch(`${url}/api/v1`, { headers: { connection: 'close' } })
      child.kill('SIGTERM')
      return (await response.json()).offers
    }
    expect(await offersOf()).toEqual(['presigned-downloads', 'presigned-uploads'])
    expect(await offersOf('--no-presigned-urls')).toEqual([])
  },
)

test.runIf(stores.length === 0)('presigned URLs are offered over a bucket', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 does not name a store'),
)
