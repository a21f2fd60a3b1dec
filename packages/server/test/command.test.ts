import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '@trackway/protocol'
import { expect, onTestFinished, test } from 'vitest'

const bin = fileURLToPath(new URL('../bin/trackway-server.js', import.meta.url))

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-command-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

interface Running {
  child: ChildProcess
  output: () => string
  exited: Promise<unknown[]>
}

function start(...words: string[]): Running {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  return { child, output: () => output, exited: once(child, 'close') }
}

async function run(...words: string[]): Promise<{ code: unknown; output: string }> {
  const { output, exited } = start(...words)
  const [code] = await exited
  return { code, output: output() }
}

/** Starts a server and waits for the line that says where it is. */
async function serve(
  folder: string,
  ...flags: string[]
): Promise<Running & { url: string; key: string | undefined }> {
  const running = start('serve', '--data', folder, '--port', '0', ...flags)
  while (!running.output().includes('is listening on')) {
    await Promise.race([once(running.child.stdout ?? running.child, 'data'), running.exited])
    if (running.child.exitCode !== null) throw new Error(running.output())
  }
  const url = /listening on (\S+)/.exec(running.output())?.[1] ?? ''
  return { ...running, url, key: /API key \(shown once\): (tw_\S+)/.exec(running.output())?.[1] }
}

test('the first start shows a key, once, and the key works ever after', async () => {
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
  expect(second.output()).toContain('1 API key; make another with trackway-server keys add')
  expect(await me(second.url, first.key)).toBe(200)
})

test('a store without a key is not opened to other machines', async () => {
  const { code, output } = await run(
    'serve',
    '--data',
    await temporaryFolder(),
    '--port',
    '0',
    '--host',
    '0.0.0.0',
  )
  expect(code).toBe(1)
  expect(output).toContain('keys add')
})

test.each([
  { words: ['serve', '--dta', 'x'], says: "unknown option '--dta'; did you mean --data?" },
  { words: ['srve'], says: "unknown command 'srve'; did you mean serve?" },
  { words: ['keys', 'ad'], says: "unknown command 'ad'; did you mean add?" },
  { words: ['check'], says: 'the option --data <place> is required' },
])('a command that is written wrong is reported in one line: $words', async ({ words, says }) => {
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

test('pages are let in from the origins that are named', async () => {
  const origins = ['https://app.example.org', 'http://localhost:5173']
  const { url } = await serve(await temporaryFolder(), '--allowed-origin', ...origins)
  for (const origin of [...origins, 'http://localhost:5174']) {
    const headers = { origin, 'access-control-request-method': 'GET', connection: 'close' }
    const answer = await fetch(`${url}/api/v1/me`, { method: 'OPTIONS', headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origins.includes(origin) ? origin : null)
  }
})

test('keys are made, listed without themselves, and revoked', async () => {
  const folder = await temporaryFolder()
  const made = await run(
    'keys',
    'add',
    '--data',
    folder,
    '--user',
    'ada',
    '--team',
    'vision',
    '--role',
    'read',
    '--note',
    'notebook',
  )
  const key = /tw_\S+/.exec(made.output)?.[0] ?? ''
  const listed = await run('keys', 'list', '--data', folder)
  expect(listed.output).toMatch(/^[0-9a-f]{12}\tada\tvision:read\t\S+\tnotebook\n$/)
  expect(listed.output).not.toContain(key)
  const id = listed.output.slice(0, 12)
  expect((await run('keys', 'revoke', '--data', folder, id)).code).toBe(0)
  expect((await run('keys', 'list', '--data', folder)).output).toBe('')
  expect(await run('keys', 'revoke', '--data', folder, id)).toMatchObject({
    code: 1,
    output: expect.stringContaining('not_found'),
  })
})

test('what the command does not understand is said, with its help', async () => {
  const { code, output } = await run('serve', '--data', 'x', '--port', 'high')
  expect(code).toBe(1)
  expect(output).toContain('A port is a number')
})

test('SIGTERM lets what is under way end, and an idle connection holds nothing up', async () => {
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

test.each(stores)('over %s links are offered, unless the operator does not want them', async (location) => {
  const place = location.replace('?', `/${randomUUID()}?`)
  const offersOf = async (...flags: string[]) => {
    const { url, child } = await serve(place, ...flags)
    const response = await fetch(`${url}/api/v1`, { headers: { connection: 'close' } })
    child.kill('SIGTERM')
    return (await response.json()).offers
  }
  expect(await offersOf()).toEqual(['download-links', 'upload-links'])
  expect(await offersOf('--no-signed-urls')).toEqual([])
})

test.runIf(stores.length === 0)('links are offered over a bucket', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 names no store to try'),
)
