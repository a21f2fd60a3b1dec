import { fork } from 'node:child_process'
import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createMock, startMockServer } from '@trackway/mock-server'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, listAssets, login, pruneAssets, removeAsset, type Session } from '../src/index.ts'
import { errorOf, noise, temporaryFolder, writeFiles } from './test-server.ts'

const retry = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 50 }
let assets: string

beforeEach(async () => {
  assets = join(await temporaryFolder(), 'assets')
  vi.stubEnv('TRACKWAY_ASSETS_DIR', assets)
})

/** A server within the test whose cable can be pulled. */
function server(url?: string) {
  const mock = createMock(url === undefined ? {} : { url })
  const state = { online: true, requests: [] as string[] }
  const fetch = (request: Request) => {
    if (!state.online) return Promise.reject(new TypeError('fetch failed'))
    state.requests.push(`${request.method} ${new URL(request.url).pathname}`)
    return mock.fetch(request)
  }
  const begin = () => login({ host: mock.url, apiKey: mock.apiKey, quiet: true, fetch, retry })
  return { state, begin }
}

async function upload(session: Session, files: Record<string, Uint8Array | string>, name = 'sample') {
  const artifact = new Artifact(name, 'dataset')
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  await artifact.add(folder)
  return session.uploadArtifact(artifact, { experiment: 'uncategorized' })
}

test('an asset is fetched once, and then costs no request when it is pinned, and one when not', async () => {
  const { state, begin } = server()
  const session = await begin()
  const { digest } = await upload(session, { 'train.csv': 'a,b', 'test/x.csv': 'c' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  expect(await readFile(join(folder, 'test/x.csv'), 'utf8')).toBe('c')

  state.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1[train.csv]')).toBe(join(folder, 'train.csv'))
  expect(await session.fetchAsset('dataset/sample:v1')).toBe(folder)
  expect(await session.fetchAsset(`dataset/sample:${digest}`)).toBe(folder)
  expect(state.requests).toEqual([])
  expect(await session.fetchAsset('dataset/sample')).toBe(folder)
  expect(state.requests).toHaveLength(1)

  const error = await errorOf('not_found', session.fetchAsset('dataset/sample:V1[trian.csv]'))
  expect(error.message).toContain('train.csv')
})

test('without the server, latest is the latest that lies here, and an alias what it was', async () => {
  const { state, begin } = server()
  const session = await begin()
  await upload(session, { a: '1' })
  await session.setAlias('sample', 'dataset', 'production', 'V1', { experiment: 'uncategorized' })
  const first = await session.fetchAsset('dataset/sample:production')
  await upload(session, { a: '2' })
  const second = await session.fetchAsset('dataset/sample:latest[a]')

  state.online = false
  const offline = await begin()
  expect(offline.storeId).toBe(session.storeId)
  expect(await offline.fetchAsset('dataset/sample:production')).toBe(first)
  expect(await offline.fetchAsset('dataset/sample[a]')).toBe(second)
  expect(await offline.fetchAsset('dataset/sample:V1')).toBe(first)
  await errorOf('network_error', offline.fetchAsset('dataset/sample:V3'))
  await errorOf('network_error', offline.fetchAsset('dataset/sample:staging'))

  state.online = true
  await upload(session, { a: '3' })
  expect(await readFile(await offline.fetchAsset('dataset/sample[a]'), 'utf8')).toBe('3')
})

test('a server that was never reached is no place to begin', async () => {
  const { state, begin } = server('http://never.test')
  state.online = false
  await errorOf('network_error', begin())
})

test('what is pinned and lies here is found without a login', async () => {
  vi.resetModules()
  const sdk = await import('../src/index.ts')
  const mock = await startMockServer()
  vi.stubEnv('TRACKWAY_HOST', mock.url)
  vi.stubEnv('TRACKWAY_API_KEY', mock.apiKey)
  const session = await login({ quiet: true })
  await upload(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await mock.close()
  expect(await sdk.fetchAsset('dataset/sample:V1')).toBe(folder)
})

test('damage is found on request, and mended', async () => {
  const { state, begin } = server()
  const session = await begin()
  await upload(session, { a: noise(400_000), 'b/c': 'c' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  const path = join(folder, 'a')
  await chmod(path, 0o644)
  const bytes = await readFile(path)
  bytes[1000] = (bytes[1000] ?? 0) ^ 1
  await writeFile(path, bytes)
  await rm(join(folder, 'b/c'))
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)

  state.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1', { verify: true })).toBe(folder)
  expect(Buffer.from(await readFile(path)).equals(noise(400_000))).toBe(true)
  expect(await readFile(join(folder, 'b/c'), 'utf8')).toBe('c')
  expect(state.requests.length).toBeGreaterThan(0)
  state.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1', { verify: true })).toBe(folder)
  expect(state.requests).toEqual([])
})

test('a version without its mark is not there', async () => {
  const { state, begin } = server()
  const session = await begin()
  await upload(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await rm(join(folder, '.SUCCESS'))
  state.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)
  expect(await readdir(folder)).toEqual(['.SUCCESS', 'a'])
})

test('what the last version has is not fetched again, and cannot be changed for both', async () => {
  const { state, begin } = server()
  const session = await begin()
  const shared = noise(300_000)
  await upload(session, { shared, other: '1' })
  const first = await session.fetchAsset('dataset/sample:V1')
  await upload(session, { shared, other: '2' })
  state.requests.length = 0
  const second = await session.fetchAsset('dataset/sample:V2')
  expect(state.requests.filter((request) => request.includes('/blobs/'))).toHaveLength(1)

  const [one, two] = await Promise.all([first, second].map((folder) => stat(join(folder, 'shared'))))
  expect(one?.mode).toBe(two?.mode)
  expect((one?.mode ?? 0) & 0o222).toBe(0)
  // Whoever may write nevertheless, as root may, writes into a copy.
  await writeFile(join(second, 'shared'), 'changed').catch(() => {})
  expect(Buffer.from(await readFile(join(first, 'shared'))).equals(shared)).toBe(true)

  // A download to a folder of one's own takes them from there as well, and they are one's own.
  await rm(join(second, 'shared'), { force: true })
  state.requests.length = 0
  const target = join(await temporaryFolder(), 'mine')
  const artifact = await session.getArtifact('sample', 'dataset', 'V2', { experiment: 'uncategorized' })
  await artifact.download(target)
  expect(state.requests.filter((request) => request.includes('/blobs/'))).toEqual([])
  await writeFile(join(target, 'shared'), 'mine')
  expect(Buffer.from(await readFile(join(first, 'shared'))).equals(shared)).toBe(true)
})

test('a neighbour that was changed is no source', async () => {
  const { begin } = server()
  const session = await begin()
  const shared = noise(300_000)
  await upload(session, { shared, other: '1' })
  const first = await session.fetchAsset('dataset/sample:V1')
  await chmod(join(first, 'shared'), 0o644)
  await writeFile(join(first, 'shared'), noise(300_000, 9))
  await upload(session, { shared, other: '2' })
  const second = await session.fetchAsset('dataset/sample:V2')
  expect(Buffer.from(await readFile(join(second, 'shared'))).equals(shared)).toBe(true)
})

test('twenty processes that ask at once make one download', { timeout: 60_000 }, async () => {
  const mock = await startMockServer()
  onTestFinished(() => mock.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  await upload(session, { a: noise(3_000_000), b: noise(5_000_000, 2) })
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
  const { begin } = server()
  const session = await begin()
  await upload(session, { a: '1' })
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
  // Its holder was not heard of for two minutes.
  const past = new Date(Date.now() - 120_000)
  await utimes(`${folder}.lock`, past, past)
  expect(await waiting).toBe(folder)
})

test('assets are listed, removed and pruned', async () => {
  const { begin } = server()
  const session = await begin()
  for (const name of ['sample', 'some/deep/name']) {
    for (let version = 1; version <= 3; version += 1) {
      await upload(session, { a: noise(1000 * version), same: 'same' }, name)
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
  expect(first).toMatchObject({ storeId: session.storeId, team: session.team, files: 2, bytes: 1004 })

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
  const leftover = join(assets, session.storeId, `x.trackway-${'0'.repeat(12)}`)
  await writeFiles(leftover, { 'content/a': 'half' })
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000)
  for (const path of ['content/a', 'content', '']) await utimes(join(leftover, path), longAgo, longAgo)
  expect(await pruneAssets({ keep: 1 })).toMatchObject({ freedBytes: planned.freedBytes })
  expect(await tags()).toEqual(['sample:V3', 'some/deep/name:V3'])
  expect(await readdir(join(assets, session.storeId))).not.toContain(`x.trackway-${'0'.repeat(12)}`)

  // The one that was used the longest time ago goes.
  const past = new Date(Date.now() - 10 * 60 * 60 * 1000)
  const [sample, deep] = await listAssets()
  await utimes(join(sample?.folder ?? '', '.SUCCESS'), past, past)
  const { removed, remainingBytes } = await pruneAssets({ maxBytes: 4000 })
  expect(removed.map(({ folder }) => folder)).toEqual([sample?.folder])
  expect(remainingBytes).toBeGreaterThan(3000)
  await pruneAssets({ maxBytes: 0 })
  expect(await listAssets()).toEqual([])
  expect(await readdir(assets)).toEqual([])
  expect(deep?.name).toBe('some/deep/name')
})
