import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { prepareUser, writeFiles } from './user.ts'

const bin = fileURLToPath(new URL('../bin/trackway.js', import.meta.url))

interface Started {
  child: ChildProcess
  ended: Promise<{ code: number; out: string; err: string }>
}

/** Starts the command as a process, with a pipe at each stream. */
function start(...words: string[]): Started {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const written = { out: '', err: '' }
  child.stdout.on('data', (bytes: Buffer) => (written.out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (written.err += bytes.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), ...written }))
  return { child, ended }
}

test('the command uploads, and is quiet where nobody reads what it writes', async () => {
  const folder = await prepareUser()
  await writeFiles(folder, { 'data/a.txt': 'a' })
  const upload = start('upload', join(folder, 'data'), '--type', 'dataset', '--name', 'sample', '--quiet')
  expect(await upload.ended).toEqual({ code: 0, out: 'dataset/sample:V1\n', err: '' })
  const list = start('ls')
  list.child.stdout?.destroy()
  expect(await list.ended).toEqual({ code: 0, out: '', err: '' })
})

test('Ctrl-C ends it with 130 and one line', async () => {
  await prepareUser()
  const server = createServer() // It never answers.
  const asked = once(server, 'request')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { child, ended } = start('ls', '--host', `http://127.0.0.1:${port}`)
  await asked
  child.kill('SIGINT')
  expect(await ended).toEqual({
    code: 130,
    out: '',
    err: 'trackway: Aborted; repeat the command to go on (aborted)\n',
  })
})

test('it serves as trackway-server does, and stops when it is told to', async () => {
  const folder = await prepareUser()
  const { child, ended } = start('serve', '--data', join(folder, 'served'), '--port', '0')
  let out = ''
  while (!out.includes('is listening on')) out += String(await once(child.stdout ?? child, 'data'))
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, err: '' })
})
