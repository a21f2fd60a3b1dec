import { cp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createApp, createMemoryStore } from '@trackway/server'
import { openDirectoryStore } from '@trackway/server/node'
import { beforeEach, expect, test, vi } from 'vitest'
import { login, type Session } from '../src/index.ts'
import { unreachable, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { freshFunctions } from './fresh-functions.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

const assets = useAssetsDirectory()
let parent: string

beforeEach(async () => {
  cutOff.clear()
  parent = await temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', join(parent, 'cache'))
})

const place = { experiment: 'uncategorized' }
const open = (folder: string) => login({ store: join(parent, folder), quiet: true })
const fileOf = async (session: Session, spec: string) =>
  readFile(await session.fetchAsset(`dataset/sample:${spec}[a]`), 'utf8')
const textOf = async (session: Session, revision?: string) =>
  (await session.getArtifact('sample', 'dataset', revision, place)).entry('a').text()

test('a store and a copy of its folder each have their own versions', async () => {
  const first = await open('first')
  await uploadVersion(first, { a: 'one' })
  expect(await fileOf(first, 'V1')).toBe('one')
  await cp(join(parent, 'first'), join(parent, 'copy'), { recursive: true })
  const copy = await open('copy')
  expect(copy.storeId).toBe(first.storeId)
  await uploadVersion(first, { a: 'first' })
  await uploadVersion(copy, { a: 'copy' })

  expect([await textOf(copy, 'V2'), await textOf(first, 'V2')]).toEqual(['copy', 'first'])
  expect([await fileOf(copy, 'V2'), await fileOf(first, 'V2')]).toEqual(['copy', 'first'])
  expect([await fileOf(copy, 'latest'), await fileOf(first, 'latest')]).toEqual(['copy', 'first'])
  const target = join(parent, 'target')
  await (await first.getArtifact('sample', 'dataset', 'V2', place)).download(target)
  expect(await readFile(join(target, 'a'), 'utf8')).toBe('first')
})

test('a session keeps to the folder that a relative path led to, wherever the process goes', async () => {
  const at = (folder: string) => vi.spyOn(process, 'cwd').mockReturnValue(join(parent, folder))
  const openHere = () => login({ store: 'store', quiet: true })
  at('one')
  const one = await openHere()
  await uploadVersion(one, { a: 'one' })
  at('two')
  const two = await openHere()
  await uploadVersion(two, { a: 'two' })
  expect([await textOf(one, 'V1'), await textOf(two, 'V1')]).toEqual(['one', 'two'])
  expect(one.url).not.toBe(two.url)
  vi.mocked(process.cwd).mockRestore()
})

test('a store that was removed is made again by a login, and not by a session that had it', async () => {
  const before = await open('store')
  await uploadVersion(before, { a: 'one' })
  await rm(join(parent, 'store'), { recursive: true })
  await errorOf('store_unavailable', uploadVersion(before, { a: 'two' }))
  const after = await open('store')
  expect(after.storeId).not.toBe(before.storeId)
  await uploadVersion(after, { a: 'three' })
  expect(await fileOf(after, 'V1')).toBe('three')
})

test('a version that was read in the copy is not a base for an upload to the store', async () => {
  const first = await open('first')
  await uploadVersion(first, { a: 'one', b: 'two' })
  await cp(join(parent, 'first'), join(parent, 'copy'), { recursive: true })
  const copy = await open('copy')
  await uploadVersion(copy, { a: 'copy', b: 'only in the copy' })
  const artifact = await copy.getArtifact('sample', 'dataset', 'V2', place)
  const result = await first.uploadArtifact(artifact, place)
  expect(result).toMatchObject({ tag: 'V2', base: 'V1', created: true })
  const stored = await first.getArtifact('sample', 'dataset', 'V2', place)
  expect(await stored.entry('b').text()).toBe('only in the copy')
})

test('a folder is the same store by whatever path it is reached', async () => {
  const session = await open('store')
  await uploadVersion(session, { a: 'one' })
  await symlink(join(parent, 'store'), join(parent, 'link'))
  const path = await session.fetchAsset('dataset/sample:V1')
  expect(await (await open('link')).fetchAsset('dataset/sample:V1')).toBe(path)
})

/** A store with V1 and V2 of which clients remember all, put back to V1, with another V2 since. */
async function restored() {
  const before = await open('store')
  await uploadVersion(before, { a: 'one' })
  await cp(join(parent, 'store'), join(parent, 'backup'), { recursive: true })
  await uploadVersion(before, { a: 'lost' })
  await before.setAlias('sample', 'dataset', 'production', 'V2', place)
  for (const spec of ['V2', 'latest', 'production']) expect(await fileOf(before, spec)).toBe('lost')
  const lost = await before.getArtifact('sample', 'dataset', 'V2', place)
  await rm(join(parent, 'store'), { recursive: true })
  await rename(join(parent, 'backup'), join(parent, 'store'))
  return { before, lost }
}

/** Makes a V2 in the store that was put back, as another process does. */
async function addOther() {
  const store = await openDirectoryStore(join(parent, 'store'))
  const app = await createApp({ store, access: { user: 'other' } })
  const { team } = await open('store')
  const fetch = (request: Request) => app.fetch(request)
  const other = await login({ host: 'http://other.test', team, quiet: true, fetch })
  expect(await uploadVersion(other, { a: 'made again' })).toMatchObject({ tag: 'V2' })
}

test('a folder store that was restored from a backup gives what it holds now, whatever is cached', async () => {
  const { before } = await restored()
  expect(await textOf(before)).toBe('one')
  await errorOf('not_found', before.getArtifact('sample', 'dataset', 'V2', place))
  await errorOf('not_found', before.fetchAsset('dataset/sample:V2'))
  await errorOf('not_found', before.fetchAsset('dataset/sample:production'))

  await addOther()
  for (const session of [before, await open('store')]) {
    expect(await textOf(session, 'V2')).toBe('made again')
    expect(await textOf(session)).toBe('made again')
    for (const spec of ['V2', 'latest']) expect(await fileOf(session, spec)).toBe('made again')
  }
  vi.stubEnv('TRACKWAY_STORE', join(parent, 'store'))
  const sdk = await freshFunctions()
  expect(await readFile(await sdk.fetchAsset('dataset/sample:V2[a]', { quiet: true }), 'utf8')).toBe(
    'made again',
  )
})

test('an upload after a restoration sends what the store lacks', async () => {
  const { before, lost } = await restored()
  const again = await uploadVersion(before, { a: 'lost' })
  expect(again).toMatchObject({ tag: 'V2', base: 'V1', created: true })
  expect(await textOf(await open('store'), 'V2')).toBe('lost')
  expect(await before.uploadArtifact(lost, place)).toMatchObject({ tag: 'V2', created: false })
})

test('a version that was read before a restoration is not a base if its tag is a different version by now', async () => {
  const { before, lost } = await restored()
  await addOther()
  await lost.add(new TextEncoder().encode('b'), { name: 'b' })
  const error = await errorOf('tag_conflict', before.uploadArtifact(lost, { ...place, onConflict: 'fail' }))
  expect(error.message).toContain('the store now has a different V2')
  // Its file "a" was lost in the restoration and is not at hand: no version is made without it.
  await errorOf('blobs_missing', before.uploadArtifact(lost, place))
  expect(await before.listVersions('sample', 'dataset', place)).toHaveLength(2)

  await lost.add(new TextEncoder().encode('lost'), { name: 'a' })
  expect(await before.uploadArtifact(lost, place)).toMatchObject({ tag: 'V3', base: 'V2' })
  expect(await textOf(await open('store'), 'V3')).toBe('lost')
})

test('a merge takes what the store has now under the tag that was read before a restoration', async () => {
  const { before, lost } = await restored()
  await addOther()
  await lost.add(new TextEncoder().encode('b'), { name: 'b' })
  const merged = await before.uploadArtifact(lost, { ...place, onConflict: 'merge' })
  expect(merged).toMatchObject({ tag: 'V3', base: 'V2', fileCount: 2 })
  expect(await textOf(before, 'V3')).toBe('made again')
})

test('a push from a restored store pushes what it holds now', async () => {
  const { before } = await restored()
  await addOther()
  const target = await open('target')
  await before.push('dataset/sample:V2', { to: target, ...place })
  expect(await textOf(target, 'V1')).toBe('made again')
})

/** Addresses at which nothing answers. */
const cutOff = new Set<string>()

/** Servers over memory, all of which say the same `storeId`. */
async function twins() {
  const apps = await Promise.all(
    ['trusted', 'other'].map(async (name) => {
      const app = await createApp({ store: createMemoryStore(), access: { user: name } })
      return { name, app }
    }),
  )
  const [{ app }] = apps as [(typeof apps)[number]]
  const service: object = await (await app.fetch(new Request('http://x/api/v1'))).json()
  const begin = ({ name, app: server }: (typeof apps)[number]) =>
    login({
      host: `http://${name}.test`,
      quiet: true,
      retry: { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 },
      fetch: async (request) => {
        const { pathname, origin } = new URL(request.url)
        if (cutOff.has(origin)) throw unreachable()
        return pathname === '/api/v1' ? Response.json(service) : server.fetch(request)
      },
    })
  return Promise.all(apps.map(begin)) as Promise<[Session, Session]>
}

test('a server that claims the storeId of another does not affect what that one gives', async () => {
  const [trusted, other] = await twins()
  expect(other.storeId).toBe(trusted.storeId)
  await uploadVersion(trusted, { a: 'good' })
  await uploadVersion(other, { a: 'evil' })
  expect(await fileOf(other, 'V1')).toBe('evil')
  expect(await textOf(other, 'V1')).toBe('evil')
  expect(await fileOf(trusted, 'V1')).toBe('good')
  expect(await textOf(trusted, 'V1')).toBe('good')
  expect((await trusted.fetchAsset('dataset/sample:V1')).startsWith(join(assets(), 'trusted-test-'))).toBe(
    true,
  )
})

test('without its server, a session does not get the answers of another server with its storeId', async () => {
  const [trusted, other] = await twins()
  await uploadVersion(other, { a: 'evil' })
  expect(await textOf(other, 'V1')).toBe('evil')
  cutOff.add('http://trusted.test')
  await errorOf('network_error', trusted.getArtifact('sample', 'dataset', 'V1', place))
  await errorOf('network_error', trusted.fetchAsset('dataset/sample:V1'))
})

test('an asset whose tag is another version by now is replaced if the server is asked anyway', async () => {
  const store = createMemoryStore()
  let app = await createApp({ store, access: { user: 'ada' } })
  const fetch = (request: Request) => app.fetch(request)
  const begin = () => login({ host: 'http://restored.test', quiet: true, fetch })
  const session = await begin()
  const format: object = await (await app.fetch(new Request('http://x/api/v1'))).json()
  await uploadVersion(session, { a: 'before' })
  expect(await fileOf(session, 'latest')).toBe('before')

  const inner = await createApp({ store: createMemoryStore(), access: { user: 'ada' } })
  app = {
    ...inner,
    fetch: async (request) =>
      new URL(request.url).pathname === '/api/v1' ? Response.json(format) : inner.fetch(request),
  }
  const later = await begin()
  await uploadVersion(later, { a: 'now' })
  // Pinned and present: no server is asked. This is what lets a service start without a network.
  expect(await fileOf(later, 'V1')).toBe('before')
  expect(await textOf(later, 'V1')).toBe('now')
  expect(await fileOf(later, 'latest')).toBe('now')
  expect(await fileOf(later, 'V1')).toBe('now')
})

test('without the server, its last answer about a tag is used', async () => {
  let isOnline = true
  const app = await createApp({ store: createMemoryStore(), access: { user: 'ada' } })
  const session = await login({
    host: 'http://away.test',
    quiet: true,
    retry: { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 },
    fetch: async (request) => {
      if (!isOnline) throw unreachable()
      return app.fetch(request)
    },
  })
  const { digest } = await uploadVersion(session, { a: 'one' })
  await session.getArtifact('sample', 'dataset', 'V1', place)
  isOnline = false
  expect(await session.getArtifact('sample', 'dataset', 'V1', place)).toMatchObject({ tag: 'V1', digest })
  await errorOf('network_error', session.getArtifact('sample', 'dataset', 'latest', place))
  isOnline = true
  await session.deleteVersion('sample', 'dataset', 'V1', place)
  await errorOf('version_deleted', session.getArtifact('sample', 'dataset', 'V1', place))
  isOnline = false
  await errorOf('network_error', session.getArtifact('sample', 'dataset', 'V1', place))
})
