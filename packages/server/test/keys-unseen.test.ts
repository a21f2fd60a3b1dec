import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { routePath, routes, type Route } from '@trackway/protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApiKey, createApp, createMemoryStore } from '../src/index.ts'
import { routeNames, someParameters } from './some-parameters.ts'

const bin = fileURLToPath(new URL('../bin/trackway-server.js', import.meta.url))
const names = routeNames
const parameters = { ...someParameters, team: 'default' }

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-keys-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the command until it prints `until`, or ends. Its output continues to grow. */
async function start(words: string[], until = '') {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const printed = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (printed.text += bytes.toString()))
  const closed = once(child, 'close')
  if (until === '') await closed
  for (; !printed.text.includes(until); await Promise.race([once(child.stdout, 'data'), closed]))
    if (child.exitCode !== null) throw new Error(printed.text)
  return { child, closed, printed }
}

describe('a key is shown once', () => {
  test('by the command, whatever requests it answers and however it fails', async () => {
    const folder = await temporaryFolder()
    const server = await start(['serve', '--store', folder, '--port', '0', '--verbose'], 'is listening on')
    const [, key = ''] = /API key \(shown once\): (\S+)/.exec(server.printed.text) ?? []
    const url = /listening on (\S+)/.exec(server.printed.text)?.[1] ?? ''
    expect(key).toMatch(/^tw_[A-Za-z0-9_-]{43}$/)
    const answers: string[] = []
    for (const name of names) {
      const { method, body }: Route = routes[name]
      for (const authorization of [`Bearer ${key}`, `bearer  ${key}x`, `Basic ${key}`, key]) {
        const init = { method, headers: { authorization, 'content-type': 'application/json' } }
        const response = await fetch(
          url + routePath(name, parameters),
          body === undefined ? init : { ...init, body: '{' },
        )
        answers.push(await response.text(), JSON.stringify([...response.headers]))
      }
    }
    const added = await start(['keys', 'add', '--store', folder, '--user', 'ada'])
    const other = /tw_\S+/.exec(added.printed.text)?.[0] ?? ''
    const listed = await start(['keys', 'list', '--store', folder])
    const revoked = await start(['keys', 'revoke', '--store', folder, key])
    server.child.kill('SIGTERM')
    await server.closed

    const all = [server.printed.text, ...answers, listed.printed.text, revoked.printed.text].join('\n')
    expect(server.printed.text.split('\n').length).toBeGreaterThan(names.length * 4)
    expect(all.split(key)).toHaveLength(2)
    expect(revoked.printed.text).toContain('give its id')
    expect(added.printed.text.split(other)).toHaveLength(2)
    expect(listed.printed.text).not.toContain(other)
  })

  test('and the stored document does not reveal it', async () => {
    const folder = await temporaryFolder()
    const { printed } = await start([
      'keys',
      'add',
      '--store',
      folder,
      '--user',
      'ada',
      '--name',
      'robot',
      '--create',
    ])
    const key = /tw_\S+/.exec(printed.text)?.[0] ?? ''
    const items = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name))
    const stored = await Promise.all(files.map(async (path) => path + (await readFile(path, 'utf8'))))
    expect(stored.join('\n')).toContain('robot')
    expect(stored.join('\n')).not.toContain(key.slice(3))
  })
})

test('nothing that the app reports about a request contains its key, however it fails', async () => {
  const store = createMemoryStore()
  const { key } = await createApiKey(store, { user: 'ada', roles: { '*': 'admin' } })
  const told: unknown[] = []
  let fails = false
  const unlessBroken = <T>(value: Promise<T>) => (fails ? Promise.reject(new Error('broken')) : value)
  const app = await createApp({
    store: {
      ...store,
      get: (name, range) => unlessBroken(store.get(name, range)),
      list: (options) => unlessBroken(store.list(options)),
    },
    onRequest: (event) => told.push(event),
  })
  for (fails of [false, true]) {
    for (const name of names) {
      const { method }: Route = routes[name]
      for (const shown of [key, `${key}x`]) {
        const headers = { authorization: `Bearer ${shown}` }
        const response = await app.fetch(
          new Request(`http://test${routePath(name, parameters)}`, { method, headers }),
        )
        told.push(await response.text())
      }
    }
  }
  expect(told).toHaveLength(names.length * 8)
  expect(inspect(told, { depth: 20, maxArrayLength: null, maxStringLength: null })).not.toContain(key)
})
