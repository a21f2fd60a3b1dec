import { createMock, type Mock } from '@trackway/mock-server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Artifact, login, type LoginOptions, type Session } from '../src/index.ts'
import { openBucketsWith } from './machine.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

let said: string[] = []

beforeEach(() => {
  said = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean(said.push(String(text))))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function begin(mock: Mock, options: LoginOptions = {}): Promise<Session> {
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, ...options })
  // Loads its parts, which takes no fake time.
  await session.listArtifacts().catch(() => {})
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  return session
}

test('retries of several seconds are reported once for all requests, and once more when they are over', async () => {
  const mock = createMock()
  const session = await begin(mock)
  mock.faults.add({ path: '/artifacts', status: 503, times: 8 * 40 })
  const calls = Promise.all(Array.from({ length: 8 }, () => session.listArtifacts({ experiment: 'e' })))
  await vi.advanceTimersByTimeAsync(4_000)
  expect(said).toEqual([])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(said).toHaveLength(1)
  expect(said[0]).toContain(
    `${mock.url} does not answer as expected (it returned 503); retrying for up to 15 minutes`,
  )
  mock.faults.clear()
  await vi.advanceTimersByTimeAsync(60_000)
  await calls
  expect(said).toHaveLength(2)
  expect(said[1]).toContain(`${mock.url} answers again`)
})

test.each([
  [520, 'is retried, since a proxy may reach the server again', true],
  [501, 'is not retried, since it stays', false],
])('an answer with %i %s', async (status, _, isRetried) => {
  const mock = createMock()
  const session = await begin(mock)
  mock.faults.add({ path: '/artifacts', status, times: 1 })
  const call = session.listArtifacts({ experiment: 'e' }).then(
    () => true,
    () => false,
  )
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await call).toBe(isRetried)
})

test.each([
  ['a retry that is soon over', {}, 2],
  ['a quiet session', { quiet: true }, 20],
])('%s says nothing', async (_, options, times) => {
  const mock = createMock()
  const session = await begin(mock, options)
  mock.faults.add({ path: '/artifacts', status: 503, times })
  const call = session.listArtifacts({ experiment: 'e' }).catch(() => {})
  await vi.advanceTimersByTimeAsync(900_000)
  await call
  expect(said).toEqual([])
})

test.each<[string, (session: Session, artifact: Artifact, signal: AbortSignal) => Promise<unknown>]>([
  ['a run that begins', (session, _, signal) => session.init({ experiment: 'e', quiet: true, signal })],
  [
    'an upload',
    (session, artifact, signal) => session.uploadArtifact(artifact, { experiment: 'e', quiet: true, signal }),
  ],
  ['an archive', (_, artifact, signal) => artifact.archive({ quiet: true, signal }).blob()],
])('%s that is quiet does not report retries', async (_, act) => {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'file' })
  await session.uploadArtifact(artifact, { experiment: 'e' })
  const again = await session.getArtifact('sample', 'dataset', 'latest', { experiment: 'e' })
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  mock.faults.add({ path: /./, status: 503, times: Infinity })
  const abort = new AbortController()
  const call = errorOf('aborted', act(session, again, abort.signal))
  await vi.waitFor(() => expect(mock.requests.at(-1)?.status).toBe(503))
  await vi.advanceTimersByTimeAsync(10_000)
  abort.abort()
  await call
  expect(said).toEqual([])
})

test.each([
  ['seconds', () => '3600'],
  ['a date', () => new Date(Date.now() + 3_600_000).toUTCString()],
])(
  'an answer that asks to wait for longer than there is time, in %s, fails at once and says so',
  async (_, after) => {
    const mock = createMock()
    const session = await begin(mock)
    const headers = { 'retry-after': after() }
    mock.faults.add({ path: '/artifacts', status: 429, headers, times: Infinity })
    const before = mock.requests.length
    const error = await errorOf('network_error', session.listArtifacts({ experiment: 'e' }))
    expect(error.message).toMatch(/asks to wait for 3[56]\d\d seconds/)
    expect(error.details['retryAfterMs']).toBeGreaterThan(3_500_000)
    expect(mock.requests.length - before).toBe(1)
  },
)

test('a response with Retry-After is obeyed', async () => {
  const mock = createMock()
  const session = await begin(mock)
  mock.faults.add({ path: '/artifacts', status: 503, headers: { 'retry-after': '20' } })
  const before = mock.requests.length
  const call = session.listArtifacts({ experiment: 'e' })
  await vi.advanceTimersByTimeAsync(19_000)
  expect(mock.requests.length - before).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await call).toEqual([])
})

test.each<Record<string, string>>([
  { 'retry-after': '0' },
  { 'retry-after': '-5' },
  { 'retry-after': 'soon' },
  { 'retry-after': new Date(0).toUTCString() },
  { 'ratelimit-reset': '0' },
  { 'x-ratelimit-reset': '3600' },
])('a response without a valid Retry-After is retried after the usual waits: %j', async (headers) => {
  const mock = createMock()
  const session = await begin(mock)
  mock.faults.add({ path: '/artifacts', status: 429, headers, times: Infinity })
  const call = errorOf('network_error', session.listArtifacts({ experiment: 'e' }))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(mock.requests.length).toBeLessThan(40)
  await vi.advanceTimersByTimeAsync(890_000)
  const { message } = await call
  expect(message).not.toContain('asks to wait')
  expect(mock.requests.length).toBeGreaterThan(20)
})

test('a response that says not to retry is not retried, whatever its status', async () => {
  const mock = createMock()
  const problem = {
    type: 'x',
    title: 'x',
    status: 503,
    detail: 'The folder /data cannot be written to (EACCES)',
    code: 'store_unavailable',
    requestId: 'r',
    retryable: false,
  }
  mock.faults.add({
    path: '/artifacts',
    status: 503,
    body: JSON.stringify(problem),
    headers: { 'content-type': 'application/problem+json' },
    times: Infinity,
  })
  const session = await begin(mock)
  const before = mock.requests.length
  await errorOf('store_unavailable', session.listArtifacts({ experiment: 'e' }))
  expect(mock.requests.length - before).toBe(1)
})

test('init ends with its signal if the session is not connected yet', async () => {
  const mock = createMock()
  vi.stubEnv('XDG_CACHE_HOME', await temporaryFolder())
  let isUp = true
  const fetch = (request: Request) => (isUp ? mock.fetch(request) : new Promise<Response>(() => {}))
  const options = { host: mock.url, apiKey: mock.apiKey, fetch, quiet: true, retry: { budgetMs: 100 } }
  await login(options)
  isUp = false
  const session = await login(options)
  const abort = new AbortController()
  const call = session.init({ experiment: 'e', signal: abort.signal })
  abort.abort()
  await errorOf('aborted', call)
  vi.unstubAllEnvs()
})

test('login ends with its signal while a store is opened', async () => {
  const abort = new AbortController()
  openBucketsWith(() => {
    abort.abort()
    return new Promise(() => {})
  })
  await errorOf('aborted', login({ store: 's3://never-opens', quiet: true, signal: abort.signal }))
})
