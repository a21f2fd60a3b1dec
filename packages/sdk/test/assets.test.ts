import { fork } from 'node:child_process'
import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listAssets, login, pruneAssets, removeAsset } from '../src/index.ts'
import { startCableServer, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { freshFunctions } from './fresh-functions.ts'
import { errorOf, noise, temporaryFolder, writeFiles } from './test-server.ts'

const assets = useAssetsDirectory()

test('an asset is fetched once, and then costs no request if it is pinned, and one if not', async () => {
  const server = startCableServer()
  const session = await server.login()
  const { digest } = await uploadVersion(session, { 'train.csv': 'a,b', 'test/x.csv': 'c' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  expect(await readFile(join(folder, 'test/x.csv'), 'utf8')).toBe('c')

  server.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1[train.csv]')).toBe(join(folder, 'train.csv'))
  expect(await session.fetchAsset('dataset/sample:v1')).toBe(folder)
  expect(await session.fetchAsset(`dataset/sample:${digest}`)).toBe(folder)
  expect(server.requests).toEqual([])
  expect(await session.fetchAsset('dataset/sample')).toBe(folder)
  expect(server.requests).toHaveLength(1)

  const error = await errorOf('not_found', session.fetchAsset('dataset/sample:V1[trian.csv]'))
  expect(error.message).toContain('train.csv')
})

test('without the server, latest is the latest that is present, and an alias what it was', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  await session.setAlias('sample', 'dataset', 'production', 'V1', { experiment: 'uncategorized' })
  const first = await session.fetchAsset('dataset/sample:production')
  await uploadVersion(session, { a: '2' })
  const second = await session.fetchAsset('dataset/sample:latest[a]')

  server.online = false
  const offline = await server.login()
  expect(offline.storeId).toBe(session.storeId)
  expect(await offline.fetchAsset('dataset/sample:production')).toBe(first)
  expect(await offline.fetchAsset('dataset/sample[a]')).toBe(second)
  expect(await offline.fetchAsset('dataset/sample:V1')).toBe(first)
  await errorOf('network_error', offline.fetchAsset('dataset/sample:V3'))
  await errorOf('network_error', offline.fetchAsset('dataset/sample:staging'))

  server.online = true
  await uploadVersion(session, { a: '3' })
  expect(await readFile(await offline.fetchAsset('dataset/sample[a]'), 'utf8')).toBe('3')
})

test('a server that was never reached cannot be logged in to offline', async () => {
  const server = startCableServer({ url: 'http://never.test' })
  server.online = false
  await errorOf('network_error', server.login())
})

test('an asset that is pinned and present is found without a login', async () => {
  const sdk = await freshFunctions()
  const mock = await startMockServer()
  vi.stubEnv('TRACKWAY_HOST', mock.url)
  vi.stubEnv('TRACKWAY_API_KEY', mock.apiKey)
  const session = await login({ quiet: true })
  await uploadVersion(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await mock.close()
  expect(await sdk.fetchAsset('dataset/sample:V1')).toBe(folder)
})

test('damage is found on request, and repaired', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: noise(400_000), 'b/c': 'c' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  const path = join(folder, 'a')
  await chmod(path, 0o644)
  const bytes = await readFile(path)
  bytes[1000] = (bytes[1000] ?? 0) ^ 1
  await writeFile(path, bytes)
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)

  server.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1', { verify: true })).toBe(folder)
  expect(Buffer.from(await readFile(path)).equals(noise(400_000))).toBe(true)
  expect(server.requests.length).toBeGreaterThan(0)
  server.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1', { verify: true })).toBe(folder)
  expect(server.requests).toHaveLength(1)
  expect(server.requests[0]).toMatch(/versions\/V1$/)
})

test('a version without its marker counts as absent', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await rm(join(folder, '.SUCCESS'))
  server.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)
  expect(await readdir(folder)).toEqual(['.SUCCESS', 'a'])
})

test('files of the last version are not fetched again, and cannot be changed for both', async () => {
  const server = startCableServer()
  const session = await server.login()
  const shared = noise(300_000)
  await uploadVersion(session, { shared, other: '1' })
  const first = await session.fetchAsset('dataset/sample:V1')
  await uploadVersion(session, { shared, other: '2' })
  server.requests.length = 0
  const second = await session.fetchAsset('dataset/sample:V2')
  expect(server.requests.filter((request) => request.includes('/blobs/'))).toHaveLength(1)

  const [one, two] = await Promise.all([first, second].map((folder) => stat(join(folder, 'shared'))))
  expect(one?.mode).toBe(two?.mode)
  expect((one?.mode ?? 0) & 0o222).toBe(0)
  // A user who may write nevertheless, such as root, writes into a copy.
  await writeFile(join(second, 'shared'), 'changed').catch(() => {})
  expect(Buffer.from(await readFile(join(first, 'shared'))).equals(shared)).toBe(true)

  // A download to a folder copies them from there as well, as files that may be changed.
  await rm(join(second, 'shared'), { force: true })
  server.requests.length = 0
  const target = join(await temporaryFolder(), 'mine')
  const artifact = await session.getArtifact('sample', 'dataset', 'V2', { experiment: 'uncategorized' })
  await artifact.download(target)
  expect(server.requests.filter((request) => request.includes('/blobs/'))).toEqual([])
  await writeFile(join(target, 'shared'), 'mine')
  expect(Buffer.from(await readFile(join(first, 'shared'))).equals(shared)).toBe(true)
})

test('an adjacent version that was changed is not used as a source', async () => {
  const server = startCableServer()
  const session = await server.login()
  const shared = noise(300_000)
  await uploadVersion(session, { shared, other: '1' })
  const first = await session.fetchAsset('dataset/sample:V1')
  await chmod(join(first, 'shared'), 0o644)
  await writeFile(join(first, 'shared'), noise(300_000, 9))
  await uploadVersion(session, { shared, other: '2' })
  const second = await session.fetchAsset('dataset/sample:V2')
  expect(Buffer.from(await readFile(join(second, 'shared'))).equals(shared)).toBe(true)
})

test('twenty processes that ask at once share one download', { timeout: 60_000 }, async () => {
  const mock = await startMockServer()
  onTestFinished(() => mock.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  await uploadVersion(session, { a: noise(3_000_000), b: noise(5_000_000, 2) })
  const before = mock.requests.length
  const script = new URL('fetch-asset-process.ts', import.meta.url)
  const env = { ...process.env, TRACKWAY_HOST: mock.url, TRACKWAY_API_KEY: mock.apiKey }
  const execArgv = ['--conditions=@trackway/source']
  const paths = await Promise.all(
    Array.from({ length: 20 }, () => {
      const child = fork(script, ['dataset/sample:V1[a]'], { env, execArgv, timeout: 50_000 })
      return new Promise<unknown>((resolve, reject) => {
        child.on('message', resolve)
        child.on('exit', (code) => reject(new Error(`It ended with ${code} before it answered`)))
      })
    }),
  )
  expect(new Set(paths).size).toBe(1)
  const fetched = mock.requests.slice(before).filter(({ path }) => path.includes('/blobs/'))
  expect(fetched.length).toBeGreaterThan(0)
  expect(new Set(fetched.map(({ path }) => path)).size).toBe(fetched.length)
})

test('a lock whose holder died is taken over, and one whose holder lives is waited for', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  const { hostname } = await import('node:os')
  await rm(folder, { recursive: true })
  const dead = fork('/dev/null', { stdio: 'ignore' })
  await new Promise((resolve) => dead.once('exit', resolve))
  await writeFile(`${folder}.lock`, JSON.stringify({ host: hostname(), pid: dead.pid }))
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)

  await rm(folder, { recursive: true })
  await writeFile(`${folder}.lock`, JSON.stringify({ host: 'another-machine', pid: 1 }))
  const waiting = session.fetchAsset('dataset/sample:V1')
  await errorOf('aborted', session.fetchAsset('dataset/sample:V1', { signal: AbortSignal.timeout(50) }))
  // Its holder had no heartbeat for two minutes.
  const past = new Date(Date.now() - 120_000)
  await utimes(`${folder}.lock`, past, past)
  expect(await waiting).toBe(folder)
})

test('assets are listed, removed and pruned', async () => {
  const server = startCableServer()
  const session = await server.login()
  for (const name of ['sample', 'some/deep/name']) {
    for (let version = 1; version <= 3; version += 1) {
      await uploadVersion(session, { a: noise(1000 * version), same: 'same' }, name)
      await session.fetchAsset(`dataset/${name}:V${version}`)
    }
  }
  const tags = async () => (await listAssets()).map(({ name, tag }) => `${name}:${tag}`)
  expect(await tags()).toEqual([
    'sample:V1',
    'sample:V2',
    'sample:V3',
    ...[1, 2, 3].map((n) => `some/deep/name:V${n}`),
  ])
  const [first] = await listAssets()
  expect(first).toMatchObject({ storeId: session.storeId, team: session.team, fileCount: 2, size: 1004 })

  await removeAsset('dataset/some/deep/name:V2')
  await errorOf('not_found', removeAsset('dataset/some/deep/name:V2'))
  await errorOf('option_invalid', removeAsset('dataset/sample'))
  expect(await tags()).toEqual([
    'sample:V1',
    'sample:V2',
    'sample:V3',
    'some/deep/name:V1',
    'some/deep/name:V3',
  ])

  await errorOf('option_invalid', pruneAssets({}))
  await errorOf('option_invalid', pruneAssets({ keep: -1 }))
  const planned = await pruneAssets({ keep: 1, dryRun: true })
  expect(planned.removed.map(({ tag }) => tag)).toEqual(['V1', 'V2', 'V1'])
  expect(await listAssets()).toHaveLength(5)
  const [origin = ''] = await readdir(assets())
  const leftover = join(assets(), origin, session.storeId, `x.trackway-${'0'.repeat(12)}`)
  await writeFiles(leftover, { 'content/a': 'half' })
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000)
  for (const path of ['content/a', 'content', '']) await utimes(join(leftover, path), longAgo, longAgo)
  expect(await pruneAssets({ keep: 1 })).toMatchObject({ freedBytes: planned.freedBytes })
  expect(await tags()).toEqual(['sample:V3', 'some/deep/name:V3'])
  expect(await readdir(join(assets(), origin, session.storeId))).not.toContain(`x.trackway-${'0'.repeat(12)}`)

  // The least recently used one is removed.
  const past = new Date(Date.now() - 10 * 60 * 60 * 1000)
  const [sample, deep] = await listAssets()
  await utimes(join(sample?.folder ?? '', '.SUCCESS'), past, past)
  const { removed, remainingBytes } = await pruneAssets({ maxBytes: 4000 })
  expect(removed.map(({ folder }) => folder)).toEqual([sample?.folder])
  expect(remainingBytes).toBeGreaterThan(3000)
  await pruneAssets({ maxBytes: 0 })
  expect(await listAssets()).toEqual([])
  expect(await readdir(assets())).toEqual([])
  expect(deep?.name).toBe('some/deep/name')
})
