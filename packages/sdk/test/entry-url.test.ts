import { createMock, startMockServer } from '@trackway/mock-server'
import { createManifest, encodeManifest, ndjsonMediaType, routePath, sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { Artifact, login, type Session } from '../src/index.ts'
import { errorOf, startServer, temporaryFolder } from './test-server.ts'

const experiment = 'uncategorized'
const odd = 'a b/größe 100% #?.csv'

/** A session with a mock that has `dataset/sample` V1. */
async function openMock() {
  const mock = createMock()
  await mock.seed({ 'dataset/sample': { 'train.csv': 'a,b\n1,2\n', [odd]: 'odd' } })
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  return { mock, session }
}

function sampleOf(session: Session, revision?: string): Promise<Artifact> {
  return session.getArtifact('sample', 'dataset', revision, { experiment })
}

test('anyone who has the URL reads the file over a port, even a range of it, without a key', async () => {
  await using mock = await startMockServer()
  await mock.seed({ 'dataset/sample': { 'train.csv': 'a,b\n1,2\n', [odd]: 'odd' } })
  const session = await login({ host: `${mock.url}/`, apiKey: mock.apiKey, quiet: true })
  const sample = await sampleOf(session)
  const url = await sample.entry('train.csv').url()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/.*\/versions\/V1\/files\/train\.csv\?/)
  expect(await (await fetch(url)).text()).toBe('a,b\n1,2\n')
  expect(await (await fetch(url, { headers: { range: 'bytes=4-6' } })).text()).toBe('1,2')
  expect(await (await fetch(await sample.entry(odd).url())).text()).toBe('odd')
  expect((await fetch(url.replace('train.csv', 'other.csv'))).status).toBe(401)
})

test('signed URLs that are requested together take one request for each period of validity', async () => {
  const { mock, session } = await openMock()
  const { entryList } = await sampleOf(session)
  const before = mock.requests.length
  const urls = await Promise.all([
    ...entryList.map((entry) => entry.url()),
    ...entryList.map((entry) => entry.url({ expiresInSeconds: 60 })),
  ])
  expect(mock.requests.slice(before).map(({ method }) => method)).toEqual(['POST', 'POST'])
  const texts = await Promise.all(urls.map(async (url) => (await mock.fetch(new Request(url))).text()))
  expect(texts).toEqual(['odd', 'a,b\n1,2\n', 'odd', 'a,b\n1,2\n'])
})

test('more than a thousand are requested a thousand at a time', async () => {
  const { mock, session } = await openMock()
  const files = Object.fromEntries(
    Array.from({ length: 2001 }, (_, index) => [`${index}.txt`, `${index % 10}`]),
  )
  await mock.seed({ 'dataset/many': files })
  const { entryList } = await session.getArtifact('many', 'dataset', 'V1', { experiment })
  const before = mock.requests.length
  const urls = await Promise.all(entryList.map((entry) => entry.url()))
  expect(mock.requests.length - before).toBe(3)
  const last = urls[entryList.findIndex(({ path }) => path === '2000.txt')] ?? ''
  expect(await (await mock.fetch(new Request(last))).text()).toBe('0')
})

test('a signed URL stays that of the version it was requested from', async () => {
  const { mock, session } = await openMock()
  const sample = await sampleOf(session, 'latest')
  await sample.add(new TextEncoder().encode('new'), { name: 'train.csv' })
  await errorOf('url_unavailable', sample.entry('train.csv').url())
  const kept = await sample.entry(odd).url()
  expect(kept).toContain('/versions/V1/')
  await session.uploadArtifact(sample, { experiment })
  const replaced = await sample.entry('train.csv').url()
  expect(replaced).toContain('/versions/V2/')
  expect(await (await mock.fetch(new Request(replaced))).text()).toBe('new')
  expect(await (await mock.fetch(new Request(kept))).text()).toBe('odd')
})

test('a server that needs no key gives the plain address', async () => {
  const { session, fetch } = await startServer()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'file' })
  await session.uploadArtifact(artifact)
  const url = await artifact.entry('file').url()
  expect(url).toBe(
    `http://test${routePath('getFile', { team: 'tests', experiment, type: 'dataset', name: 'sample', revision: 'V1', path: 'file' })}`,
  )
  expect(await (await fetch(new Request(url))).text()).toBe('content')
})

test('a store without a server has no URLs, and says what to do', async () => {
  const session = await login({ store: await temporaryFolder(), quiet: true })
  await session.init({ quiet: true })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'file' })
  const local = await errorOf('url_unavailable', artifact.entry('file').url())
  expect(local.message).toContain('upload')
  await session.uploadArtifact(artifact)
  const stored = await errorOf('url_unavailable', artifact.entry('file').url())
  expect(stored.message).toMatch(/file of dataset\/sample:V1.*trackway-server serve.*download/)
})

test.each([
  ['https://example.test/a.csv', 'https://example.test/a.csv'],
  ['s3://bucket/a.csv', undefined],
])(
  'a file whose bytes stay at %s has that address, if programs can read there',
  async (reference, expected) => {
    const { mock, session } = await openMock()
    const digest = sha256(new TextEncoder().encode('elsewhere'))
    const manifest = createManifest([], [{ path: 'a.csv', size: 9, digest, reference }])
    const bytes = new Uint8Array(Buffer.concat([...encodeManifest(manifest)]))
    const team = { team: 'default' }
    const send = async (name: 'putManifest' | 'createVersion', parameters: object, init: RequestInit) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${mock.apiKey}`)
      const path = routePath(name, { ...team, ...parameters })
      return (await mock.fetch(new Request(mock.url + path, { ...init, headers }))).json()
    }
    const stored: unknown = await send(
      'putManifest',
      { digest: sha256(bytes) },
      { method: 'PUT', body: bytes, headers: { 'content-type': ndjsonMediaType } },
    )
    const { reservation } = Object(stored)
    await send(
      'createVersion',
      { experiment, type: 'dataset', name: 'far' },
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ manifest: sha256(bytes), reservation, commitId: crypto.randomUUID() }),
      },
    )
    const entry = (await session.getArtifact('far', 'dataset', 'V1', { experiment })).entry('a.csv')
    if (expected === undefined) await errorOf('url_unavailable', entry.url())
    else expect(await entry.url()).toBe(expected)
  },
)

test('an invalid lifetime is refused before any request, and an aborted call ends', async () => {
  const { mock, session } = await openMock()
  const entry = (await sampleOf(session)).entry('train.csv')
  const before = mock.requests.length
  for (const expiresInSeconds of [0, -1, 1.5, 604_801, Number.NaN])
    await errorOf('option_invalid', entry.url({ expiresInSeconds }))
  expect(mock.requests).toHaveLength(before)
  await errorOf('aborted', entry.url({ signal: AbortSignal.abort() }))
  const controller = new AbortController()
  mock.faults.add({ path: '/signed-urls', drop: 'before' })
  const url = entry.url({ signal: controller.signal })
  controller.abort()
  await errorOf('aborted', url)
})

test('a URL that the server chose freely is refused', async () => {
  const mock = createMock()
  await mock.seed({ 'dataset/sample': { 'train.csv': 'a,b\n1,2\n' } })
  let forged = {}
  const session = await login({
    host: mock.url,
    apiKey: mock.apiKey,
    quiet: true,
    fetch: async (request) =>
      request.url.endsWith('/signed-urls') ? Response.json(forged) : mock.fetch(request),
  })
  const entry = (await sampleOf(session)).entry('train.csv')
  const answer = { tag: 'V1', expiresAt: null, urls: [{ path: 'train.csv', query: '' }] }
  for (const change of [
    { tag: 'V2' },
    { urls: [{ path: 'other.csv', query: '' }] },
    { urls: [{ path: 'train.csv', query: '#@elsewhere.test/' }] },
    { urls: [] },
  ]) {
    forged = { ...answer, ...change }
    await errorOf('not_trackway', entry.url())
  }
  forged = answer
  expect(await entry.url()).toMatch(/^http:\/\/trackway\.test\/api\/v1\/.*train\.csv$/)
})
