import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createMock, trackwayHandlers, type Mock } from '@trackway/mock-server'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test } from 'vitest'
import {
  AbortedError,
  Artifact,
  IntegrityError,
  login,
  type LoginOptions,
  type Session,
} from '../src/index.ts'
import { pass } from './clock.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

const fast = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 }

async function begin(mock: Mock, options: LoginOptions = {}): Promise<Session> {
  const { url, apiKey, fetch } = mock
  const session = await login({ host: url, apiKey, fetch, quiet: true, retry: fast, ...options })
  await session.init({ experiment: 'uncategorized' })
  return session
}

async function draft(content: Uint8Array | string): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(typeof content === 'string' ? new TextEncoder().encode(content) : content, {
    name: 'file',
  })
  return artifact
}

test.each([
  ['a 503 with Retry-After', { status: 503, headers: { 'retry-after': '0' } }],
  ['a 500', { status: 500 }],
  ['a 429', { status: 429 }],
  ['a connection cut before', { drop: 'before' }],
  ['a connection cut after the effect', { drop: 'after' }],
  ['an answer cut in its middle', { drop: 3 }],
] as const)('an upload survives %s on every route, and makes one version', async (_, fault) => {
  const mock = createMock()
  const session = await begin(mock)
  for (const path of ['/blobs/missing', /\/blobs$/, '/manifests/', /\/versions$/]) {
    mock.faults.add({ path, times: 2, ...fault })
  }
  expect(await session.uploadArtifact(await draft('content'))).toMatchObject({ tag: 'V1', created: true })
  expect(await session.listVersions('sample', 'dataset')).toHaveLength(1)
})

test.each([
  ['a truncated blob', { truncateAt: 3 }],
  ['an altered blob', { alterAt: 2 }],
  ['a blob that breaks off', { drop: 2 }],
] as const)('%s is noticed and fetched again', async (_, fault) => {
  const mock = createMock()
  const session = await begin(mock)
  await session.uploadArtifact(await draft('right content'))
  mock.faults.add({ method: 'GET', path: '/blobs/', ...fault })
  const stored = await session.getArtifact('sample', 'dataset')
  expect(await stored.entry('file').text()).toBe('right content')
})

test.each([0, 2, 40, 260])('a manifest that is altered at byte %i is fetched again', async (alterAt) => {
  const mock = createMock()
  const session = await begin(mock)
  await session.uploadArtifact(await draft('right content'))
  mock.faults.add({ path: '/manifest', alterAt })
  expect((await session.getArtifact('sample', 'dataset')).fileCount).toBe(1)
})

test('bytes that stay wrong are never returned, and no file contains them', async () => {
  const mock = createMock()
  const session = await begin(mock)
  await session.uploadArtifact(await draft('right content'))
  mock.faults.add({ method: 'GET', path: '/blobs/', alterAt: 2, times: 100 })
  const stored = await session.getArtifact('sample', 'dataset')
  expect(await errorOf('integrity_error', stored.entry('file').text())).toBeInstanceOf(IntegrityError)
  const target = join(await temporaryFolder(), 'target')
  await errorOf('integrity_error', stored.download(target))
  expect(existsSync(target)).toBe(false)
})

test('blobs that are too large together are sent in smaller requests', async () => {
  const mock = createMock()
  const session = await begin(mock)
  mock.faults.add({ method: 'POST', path: /\/blobs$/, status: 413 })
  const artifact = new Artifact('sample', 'dataset')
  for (const name of ['a', 'b', 'c']) await artifact.add(new Uint8Array(randomBytes(300_000)), { name })
  await session.uploadArtifact(artifact)
  const sent = mock.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/blobs'))
  expect(sent.map(({ status }) => status)).toEqual([413, 200, 200])
})

test('a request that cannot succeed is not retried', async () => {
  const mock = createMock()
  const session = await begin(mock)
  const before = mock.requests.length
  await errorOf('not_found', session.getArtifact('nothing', 'dataset'))
  expect(mock.requests.length - before).toBe(1)
})

test('after the retry budget, the error says how the request failed', async () => {
  const mock = createMock()
  const fetch = (request: Request) => {
    if (request.url.includes('/versions')) pass(2_000)
    return mock.fetch(request)
  }
  const session = await begin(mock, { fetch })
  mock.faults.add({ path: '/versions', status: 503, times: 100_000 })
  const { message } = await errorOf('network_error', session.getArtifact('sample', 'dataset'))
  expect(message).toContain('503')
})

test('an abort ends a call at once, and a wait between two attempts as well', async () => {
  const mock = createMock()
  const session = await begin(mock, {
    retry: { firstDelayMs: 60_000, maxDelayMs: 60_000, budgetMs: 120_000 },
  })
  mock.faults.add({ path: '/versions', status: 503, times: 100 })
  const abort = new AbortController()
  const call = session.getArtifact('sample', 'dataset', 'V1', { signal: abort.signal })
  setTimeout(() => abort.abort(new Error('enough')), 20)
  const error = await errorOf('aborted', call)
  expect(error).toBeInstanceOf(AbortedError)
  expect(error).toMatchObject({ name: 'AbortError', cause: { message: 'enough' } })
})

test('the same works with msw and the platform’s own fetch', async () => {
  const mock = createMock()
  const server = setupServer(...trackwayHandlers(mock))
  server.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => server.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true, retry: fast })
  await session.init({ experiment: 'uncategorized' })
  mock.faults.add({ path: /\/blobs$/, drop: 'before' })
  mock.faults.add({ path: '/manifests/', status: 503 })
  expect(await session.uploadArtifact(await draft('content'))).toMatchObject({ tag: 'V1' })
  const stored = await session.getArtifact('sample', 'dataset', 'V1')
  expect(await stored.entry('file').bytes({ start: 3, end: 7 })).toEqual(new TextEncoder().encode('tent'))
})

test.each(['Failed to fetch', 'Load failed'])(
  "a fetch that fails with a browser's message is reported with ours: %s",
  async (words) => {
    const fetch = () => {
      pass(2_000)
      return Promise.reject(new TypeError(words))
    }
    const call = login({ host: 'http://host.test', fetch, retry: fast, quiet: true })
    const error = await errorOf('network_error', call)
    expect(error.message).toContain(words)
  },
)
