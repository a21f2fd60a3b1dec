import { readdir, readFile, rm, writeFile, chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMemoryStore } from '@trackway/server'
import { Artifact, login, TrackwayError } from '../src/index.ts'
import { startCableServer, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { freshFunctions } from './fresh-functions.ts'
import { openBucketsWith, watchPrinted } from './machine.ts'
import { errorOf, temporaryFolder } from './test-server.ts'
import { startWeb } from './web-server.ts'

useAssetsDirectory()

test('without the server, { verify } still verifies, and a damaged asset is not returned', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')

  server.online = false
  expect(await session.fetchAsset('dataset/sample', { verify: true })).toBe(folder)
  await chmod(join(folder, 'a'), 0o644)
  await writeFile(join(folder, 'a'), '2')
  await errorOf('network_error', session.fetchAsset('dataset/sample', { verify: true }))
  await errorOf('network_error', session.fetchAsset('dataset/sample:V1', { verify: true }))

  server.online = true
  expect(await session.fetchAsset('dataset/sample', { verify: true })).toBe(folder)
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('1')
})

test('without the server, an alias is what it was, in any case', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  await session.setAlias('sample', 'dataset', 'production', 'V1', { experiment: 'uncategorized' })
  const folder = await session.fetchAsset('dataset/sample:production')
  server.online = false
  expect(await session.fetchAsset('dataset/sample:Production')).toBe(folder)
})

test('an alias that is known to have moved does not resolve to its previous version', async () => {
  const server = startCableServer()
  const session = await server.login()
  const place = { experiment: 'uncategorized' }
  await uploadVersion(session, { a: '1' })
  await session.setAlias('sample', 'dataset', 'production', 'V1', place)
  await session.fetchAsset('dataset/sample:production')
  await uploadVersion(session, { a: '2' })
  await session.setAlias('sample', 'dataset', 'production', 'V2', place)
  server.before = (request) => {
    if (request.url.includes('/blobs/')) server.online = false
  }
  await errorOf('network_error', session.fetchAsset('dataset/sample:production'))
})

test('a server that does not answer is not waited for if the asset is present', async () => {
  const server = startCableServer()
  const session = await server.login({ retry: {} })
  await uploadVersion(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const asked = new Promise<void>((resolve) => {
    server.before = () => {
      resolve()
      return new Promise(() => {})
    }
  })
  const fetching = session.fetchAsset('dataset/sample')
  await asked
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await fetching).toBe(folder)
})

test('a canceled call does not return the asset that is present', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  await session.fetchAsset('dataset/sample:V1')
  const controller = new AbortController()
  server.before = () => {
    controller.abort()
    return new Promise(() => {})
  }
  await errorOf('aborted', session.fetchAsset('dataset/sample', { signal: controller.signal }))
})

test('an unreachable server is reported once at the login, and once for an asset', async () => {
  const server = startCableServer()
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  await session.fetchAsset('dataset/sample:V1')
  server.online = false
  const printed = watchPrinted()

  await (await server.login()).fetchAsset('dataset/sample')
  expect(printed).toEqual([])
  const offline = await server.login({ quiet: false })
  expect(printed).toHaveLength(1)
  expect(printed[0]).toContain('cannot be reached')
  await offline.fetchAsset('dataset/sample')
  await offline.fetchAsset('dataset/sample')
  expect(printed).toHaveLength(2)
  expect(printed[1]).toContain('V1')
})

test('a login is remembered for its key only, and the key is not written', async () => {
  const server = startCableServer({ url: 'http://remembered.test' })
  const cache = await temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', cache)
  await server.login()
  const folder = join(cache, 'trackway', 'servers')
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
  expect(names).toHaveLength(1)
  const text = await readFile(join(folder, names[0] ?? ''), 'utf8')
  expect(text).toContain('http://remembered.test')
  expect(text).not.toContain('tw_mock')

  server.online = false
  await errorOf('network_error', server.login({ apiKey: 'tw_another' }))
  expect((await server.login()).user).toBe('mock')
  await rm(cache, { recursive: true })
  await errorOf('network_error', server.login())
})

test('a session that began without the server notices when a different store answers', async () => {
  const server = startCableServer({ url: 'http://replaced.test' })
  await server.login()
  server.online = false
  const another = startCableServer({ url: 'http://replaced.test' })
  another.online = false
  const session = await another.login()
  another.online = true
  await errorOf('config_invalid', session.listArtifacts({ experiment: 'uncategorized' }))
})

test('an asset of an embedded store needs no login', async () => {
  const folder = join(await temporaryFolder(), 'store')
  vi.stubEnv('TRACKWAY_STORE', folder)
  const session = await login({ quiet: true })
  await uploadVersion(session, { a: '1' })
  const path = await session.fetchAsset('dataset/sample:V1[a]')
  const sdk = await freshFunctions()
  expect(await sdk.fetchAsset('dataset/sample:V1[a]', { quiet: true })).toBe(path)
})

test('an assets directory is enough on a machine that never logged in', async () => {
  const { url } = await startWeb() // Another server is there by now.
  const server = startCableServer({ url })
  const session = await server.login()
  await uploadVersion(session, { a: '1' })
  const path = await session.fetchAsset('dataset/sample:V1[a]')
  vi.stubEnv('XDG_CACHE_HOME', await temporaryFolder())
  vi.stubEnv('TRACKWAY_HOST', server.url)
  vi.stubEnv('TRACKWAY_API_KEY', `tw_${'n'.repeat(43)}`)
  const sdk = await freshFunctions()
  expect(await sdk.fetchAsset('dataset/sample:v1[a]', { quiet: true })).toBe(path)

  // If it may be meant for either team, only the server knows.
  const others = new Artifact('sample', 'dataset')
  await others.add(new TextEncoder().encode('2'), { name: 'a' })
  const scope = { team: 'other', experiment: 'uncategorized' }
  await session.uploadArtifact(others, scope)
  const otherPath = await session.fetchAsset('dataset/sample:V1[a]', scope)
  await errorOf('not_trackway', sdk.fetchAsset('dataset/sample:V1[a]', { quiet: true }))
  const named = { team: 'Other', quiet: true }
  expect(await sdk.fetchAsset('dataset/sample:V1[a]', named)).toBe(otherPath)
})

test.each([
  ['is refused', () => Promise.reject(new TrackwayError('store_unavailable', 'The bucket is away'))],
  ['is not answered', () => new Promise<never>(() => {})],
])('without the bucket, if a connection %s, a pinned version that is present is found', async (_, beAway) => {
  let isOnline = true
  const asked = Promise.withResolvers<void>()
  openBucketsWith(async () => {
    if (isOnline) return createMemoryStore()
    asked.resolve()
    return beAway()
  })
  const session = await login({ store: 's3://models/team?region=eu-central-1', quiet: true })
  await uploadVersion(session, { a: '1' })
  const folder = await session.fetchAsset('dataset/sample:V1')

  isOnline = false
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  // The same bucket, which is opened again for the other region.
  const loggingIn = login({ store: 's3://models/team?region=eu-west-1', quiet: true })
  await asked.promise
  await vi.advanceTimersByTimeAsync(6_000)
  const later = await loggingIn
  expect(await later.fetchAsset('dataset/sample:V1')).toBe(folder)
})
