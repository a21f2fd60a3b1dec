import { join } from 'node:path'
import { createMemoryStore } from '@trackway/server'
import { expect, test, vi } from 'vitest'
import { Artifact, login, type UploadOptions } from '../src/index.ts'
import { startServer, temporaryFolder, type TestServer } from './test-server.ts'

const bytes = (content: string) => new TextEncoder().encode(content)

async function draftOf(
  files: Record<string, string>,
  words: ConstructorParameters<typeof Artifact>[2] = {},
): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset', words)
  for (const [name, content] of Object.entries(files)) await artifact.add(bytes(content), { name })
  return artifact
}

async function versionsOf({ session }: TestServer): Promise<string[]> {
  const versions = await session.listVersions('sample', 'dataset')
  return versions.map(({ tag }) => tag)
}

const six = Array.from({ length: 6 }, (_, index) => index)

test.each<UploadOptions>([{}, { onConflict: 'fail' }, { onConflict: 'merge' }, { tag: 'V1' }])(
  'six who upload the same content to a new artifact at once have one version, with %o',
  async (options) => {
    const server = await startServer()
    const drafts = await Promise.all(six.map((index) => draftOf({ a: '1' }, { description: `of ${index}` })))
    const results = await Promise.all(drafts.map((draft) => server.session.uploadArtifact(draft, options)))
    expect(results.map(({ tag }) => tag)).toEqual(six.map(() => 'V1'))
    expect(results.filter(({ created }) => created)).toHaveLength(1)
    expect(results.map(({ created, dropped }) => created || dropped.join())).toEqual(
      results.map(({ created }) => created || 'description'),
    )
    expect(drafts.map(({ tag }) => tag)).toEqual(six.map(() => 'V1'))
    expect(await versionsOf(server)).toEqual(['V1'])
  },
)

test('six uploads that make the same change to one version at once make one version', async () => {
  const server = await startServer()
  await server.session.uploadArtifact(await draftOf({ a: '1' }))
  const uploads = six.map(async () => {
    const artifact = await server.session.getArtifact('sample', 'dataset', 'V1')
    await artifact.add(bytes('2'), { name: 'b' })
    return server.session.uploadArtifact(artifact)
  })
  const results = await Promise.all(uploads)
  expect(results.map(({ tag, base }) => `${tag} of ${base}`)).toEqual(six.map(() => 'V2 of V1'))
  expect(results.filter(({ created }) => created)).toHaveLength(1)
  expect(await versionsOf(server)).toEqual(['V2', 'V1'])
})

test('content from before the latest version makes a new version', async () => {
  const server = await startServer()
  for (const content of ['1', '2', '1'])
    expect(await server.session.uploadArtifact(await draftOf({ a: content }))).toMatchObject({
      created: true,
    })
  expect(await versionsOf(server)).toEqual(['V3', 'V2', 'V1'])
})

test('an upload whose reply was lost is its own version, and says that it made it', async () => {
  const server = await startServer()
  let lost = 0
  server.intercept(async (request) => {
    if (request.method !== 'POST' || !request.url.endsWith('/versions') || lost > 0) return undefined
    lost += 1
    await server.fetch(request)
    throw new TypeError('The reply was lost')
  })
  expect(await server.session.uploadArtifact(await draftOf({ a: '1' }))).toMatchObject({
    tag: 'V1',
    created: true,
    dropped: [],
  })
  expect(lost).toBe(1)
})

test('a description or metadata for which no version was made are reported as dropped', async () => {
  const { session } = await startServer()
  const words = { description: 'first', metadata: { rows: 1, of: { a: 1, b: 2 } } }
  expect(await session.uploadArtifact(await draftOf({ a: '1' }, words))).toMatchObject({ dropped: [] })
  const again = (given: typeof words | object) => draftOf({ a: '1' }, given)
  const same = { description: 'first', metadata: { of: { b: 2, a: 1 }, rows: 1 } }
  expect(await session.uploadArtifact(await again(same))).toMatchObject({ created: false, dropped: [] })
  expect(await session.uploadArtifact(await again({}))).toMatchObject({ created: false, dropped: [] })
  expect(await session.uploadArtifact(await again({ ...words, metadata: { rows: 2 } }))).toMatchObject({
    created: false,
    dropped: ['metadata'],
  })
  const stored = await session.getArtifact('sample', 'dataset')
  expect(await session.uploadArtifact(stored)).toMatchObject({ created: false, dropped: [] })
  stored.description = ''
  stored.metadata = {}
  expect(await session.uploadArtifact(stored)).toMatchObject({ dropped: ['description', 'metadata'] })
})

test('a version before a damaged latest one is not mistaken for its successor', async () => {
  const store = createMemoryStore()
  const server = await startServer({ store })
  await server.session.uploadArtifact(await draftOf({ a: '1' }))
  const { digest } = await server.session.uploadArtifact(await draftOf({ a: '2' }))
  const { manifest } = await server.session.getVersion('sample', 'dataset', digest)
  const hex = manifest.digest.slice('sha256:'.length)
  await store.delete(`t/tests/m/${hex.slice(0, 2)}/${hex.slice(2)}`)
  // Neither the client nor the server remembers what it had.
  vi.stubEnv('XDG_CACHE_HOME', await temporaryFolder())
  const restarted = await startServer({ store })
  expect(await restarted.session.uploadArtifact(await draftOf({ a: '1' }))).toMatchObject({ tag: 'V3' })
})

test('stores that push the same content to one artifact at once make one version', async () => {
  const folder = await temporaryFolder()
  const open = (name: string) => login({ store: join(folder, name), quiet: true })
  const target = await open('target')
  const sources = await Promise.all(six.slice(0, 3).map((index) => open(`source-${index}`)))
  for (const source of sources) await source.uploadArtifact(await draftOf({ a: '1' }), { experiment: 'demo' })
  const pushes = sources.map((source) => source.push('dataset/sample', { to: target, experiment: 'demo' }))
  const results = await Promise.all(pushes)
  expect(results.map(({ tag }) => tag)).toEqual(['V1', 'V1', 'V1'])
  expect(results.filter(({ created }) => created)).toHaveLength(1)
  expect(await target.listVersions('sample', 'dataset', { experiment: 'demo' })).toHaveLength(1)
})
