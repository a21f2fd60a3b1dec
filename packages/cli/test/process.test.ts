import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants as flags, openSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { prepareUser, writeFiles } from './user.ts'

const bin = fileURLToPath(new URL('../bin/trackway.js', import.meta.url))

interface Started {
  child: ChildProcess
  /** Its exit code; after a signal, the code that shells use for it. */
  ended: Promise<{ code: number; out: string; err: string }>
}

/** Starts the command as a process, with a pipe for each stream. */
function start(...words: string[]): Started {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const written = { out: '', err: '' }
  child.stdout.on('data', (bytes: Buffer) => (written.out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (written.err += bytes.toString()))
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode]),
    ...written,
  }))
  return { child, ended }
}

test('the command uploads, and ends quietly if nobody reads its output', async () => {
  const folder = await prepareUser()
  await writeFiles(folder, { 'data/a.txt': 'a' })
  const upload = start('upload', join(folder, 'data'), '--type', 'dataset', '--name', 'sample', '--quiet')
  expect(await upload.ended).toEqual({ code: 0, out: 'dataset/sample:V1\n', err: '' })
  const list = start('ls')
  list.child.stdout?.destroy()
  expect(await list.ended).toEqual({ code: 0, out: '', err: '' })
})

test.runIf(process.platform === 'linux')(
  'output that cannot be written is an error in one line',
  async () => {
    const folder = await prepareUser()
    await writeFiles(folder, { 'data/a.txt': 'a' })
    await start('upload', join(folder, 'data'), '--type', 'dataset', '--name', 'sample').ended
    const full = openSync('/dev/full', 'w')
    const upload = ['upload', join(folder, 'data'), '--type', 'dataset', '--name', 'other', '--as', 'b']
    await start(...upload).ended
    for (const words of [['ls'], ['ls', '--json'], ['diff', 'dataset/sample', 'dataset/other'], ['--help']]) {
      const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', full, 'pipe'] })
      let err = ''
      child.stderr?.on('data', (bytes: Buffer) => (err += bytes.toString()))
      expect(await once(child, 'close')).toEqual([8, null])
      expect(err).toMatch(/^trackway: Writing to standard output failed \(ENOSPC[^\n]*\(file_error\)\n$/)
    }
    const mute = spawn(process.execPath, [bin, 'nothing'], { stdio: ['ignore', 'ignore', full] })
    expect(await once(mute, 'close')).toEqual([2, null])
  },
)

/** A server that accepts requests and never responds. */
async function startSilentServer(): Promise<{ url: string; asked: Promise<unknown> }> {
  const server = createServer()
  const asked = once(server, 'request')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`, asked }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  '%s ends a command that waits for a server, with exit code %i and one line',
  async (signal, code) => {
    await prepareUser()
    const { url, asked } = await startSilentServer()
    const { child, ended } = start('ls', '--host', url)
    await asked
    child.kill(signal)
    expect(await ended).toEqual({
      code,
      out: '',
      err: `trackway: Ended by ${signal}; run the command again to retry (aborted)\n`,
    })
  },
)

test('a signal ends a command that waits for standard input', async () => {
  await prepareUser()
  const { child, ended } = start('login', '--host', 'http://127.0.0.1:1', '--api-key-stdin')
  // More than a pipe holds: the write is complete only when the command reads.
  await new Promise((resolve) => child.stdin?.write('k'.repeat(200_000), resolve))
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({
    code: 143,
    err: expect.stringContaining('Ended by SIGTERM; nothing was saved'),
  })
})

test.runIf(process.platform !== 'win32')(
  'a signal ends a command while a thread waits for a pipe without a writer',
  async () => {
    const folder = await prepareUser()
    await writeFiles(folder, { 'data/a.txt': 'a' })
    const target = join(folder, 'never')
    execFileSync('mkfifo', [target])
    // Like a disk that hangs: opening the configuration file does not return.
    const config = join(folder, 'config', 'trackway')
    await mkdir(config, { recursive: true })
    await symlink(target, join(config, 'config.json'))
    const { child, ended } = start('ls', '--json')
    // Fails until the command opens it for reading.
    const writer = await vi.waitFor(() => openSync(target, flags.O_WRONLY | flags.O_NONBLOCK), 10_000)
    onTestFinished(() => closeSync(writer))
    child.kill('SIGTERM')
    const { code, err } = await ended
    expect(code).toBe(143)
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'aborted', exitCode: 143 } })
  },
)

test('serve starts a server, and SIGTERM stops it', async () => {
  const folder = await prepareUser()
  const { child, ended } = start('serve', '--store', join(folder, 'served'), '--port', '0')
  let out = ''
  while (!out.includes('is listening on')) out += String(await once(child.stdout ?? child, 'data'))
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, err: '' })
})
