import { createMock, type Mock } from '@trackway/mock-server'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login, type Run, type Session } from '../src/index.ts'
import { errorOf } from './test-server.ts'

const retry = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 }
let said: string[] = []

beforeEach(() => {
  said = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean(said.push(String(text))))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function begin(options: { quiet?: boolean } = {}): Promise<{ mock: Mock; session: Session; run: Run }> {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, retry, ...options })
  const run = await session.init({ run: 'r' })
  said = []
  return { mock, session, run }
}

function segments(mock: Mock) {
  return mock.requests.filter(({ path }) => path.includes('/log/'))
}

async function values(session: Session) {
  return (await session.getLog('r')).map(({ value }) => value)
}

test.each<[string, unknown, unknown]>([
  ['null', null, undefined],
  ['a text', 'loss=1', undefined],
  ['a list', [1], undefined],
  ['a Map', new Map([['loss', 1]]), undefined],
  ['a promise', Promise.resolve({ loss: 1 }), undefined],
  ['a bigint', { loss: 1n }, undefined],
  ['undefined', { loss: undefined }, undefined],
  [
    'a value that throws',
    {
      get loss(): number {
        throw new Error('no value')
      },
    },
    undefined,
  ],
  ['an object as a value', { loss: { train: 1 } }, undefined],
  ['an empty name', { '': 1 }, undefined],
  ['an invalid time', { loss: 1 }, { time: new Date('x') }],
  ['a time before 1970', { loss: 1 }, { time: new Date('1969-12-31T23:59:59Z') }],
  ['a number as a time', { loss: 1 }, { time: 5 }],
  [
    'a time after the last day',
    { loss: 1 },
    { time: { valueOf: () => 1e300, [Symbol.toStringTag]: 'Date' } },
  ],
  ['half a step', { loss: 1 }, { step: 0.5 }],
  ['a bigint as a step', { loss: 1 }, { step: 1n }],
])('%s is dropped, counted and mentioned once, and does no harm', async (_, logged, options) => {
  const { session, run } = await begin()
  const odd = run.log.bind(run) as (values: unknown, options: unknown) => Promise<void>
  await odd(logged, options)
  await odd(logged, options)
  await run.log({ loss: 2 })
  await run.finish()
  expect(await values(session)).toEqual([2])
  expect(run.dropped).toBe(2)
  expect(said).toEqual([expect.stringMatching(/^Logging to the run r: .*\. One logged value was dropped/)])
})

test('a call keeps the values that can be logged, and reports each kind of problem with the first value', async () => {
  const { session, run } = await begin()
  const odd = run.log.bind(run) as (values: unknown, options?: unknown) => Promise<void>
  await odd({ loss: 1, name: 'net', ['k'.repeat(257)]: 3, other: null })
  await odd({ loss: 2 }, { step: -1 })
  await run.finish()
  expect(await values(session)).toEqual([1])
  expect(run.dropped).toBe(4)
  expect(said).toHaveLength(3)
  expect(said[0]).toContain("the value of name is 'net', not a number")
})

test('a log that nobody awaits does not end the program, even with an unknown option', async () => {
  const { run } = await begin()
  const unhandled = vi.fn<() => void>()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  const odd = run.log.bind(run) as (values: unknown, options?: unknown) => Promise<void>
  void odd({ loss: undefined })
  void odd({ loss: 1 }, { stage: 1 })
  await run.finish()
  void run.log({ loss: 1 })
  await new Promise((resolve) => setImmediate(resolve))
  expect(unhandled).not.toHaveBeenCalled()
})

test.each([-86_400_000, 9_999_999_999_000, 253_402_300_000_000])(
  'a clock that says %i costs nothing of what is logged',
  async (now) => {
    vi.useFakeTimers({ now, toFake: ['Date'] })
    const { session, run } = await begin()
    await run.log({ loss: 1 })
    await run.flush()
    await run.log({ loss: 2 })
    await run.finish()
    expect(await values(session)).toEqual([1, 2])
    expect(run.dropped).toBe(0)
  },
)

test('200,000 values in one call arrive', async () => {
  const { mock, run } = await begin()
  await run.log(Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`key${index}`, index])))
  await run.finish()
  expect(segments(mock)).toHaveLength(200)
})

test('the last possible step does not keep the next value from being logged', async () => {
  const { session, run } = await begin()
  await run.log({ loss: 1 }, { step: Number.MAX_SAFE_INTEGER })
  await run.log({ loss: 2 })
  await run.finish()
  expect(await values(session)).toEqual([1, 2])
})

test('a segment that is refused permanently is dropped, counted and mentioned once, and blocks nothing', async () => {
  const { mock, session, run } = await begin()
  mock.faults.add({ path: '/log/', code: 'request_invalid', times: 2 })
  for (const loss of [1, 2, 3]) {
    await run.log({ loss })
    await run.flush()
  }
  await run.finish()
  expect(run).toMatchObject({ dropped: 2, state: 'finished' })
  expect(await values(session)).toEqual([3])
  expect(said).toHaveLength(1)
  expect(said[0]).toContain('One logged value was dropped')
})

test.each<[string, { status: number; body?: string } | { code: 'forbidden' }]>([
  ['a page with 400', { status: 400, body: '<html>Bad Request</html>' }],
  ['a page with 403', { status: 403, body: '<html>Blocked</html>' }],
  ['415', { status: 415 }],
  ['422', { status: 422 }],
  ['409', { status: 409 }],
  ['a page with 200', { status: 200, body: '<html>Log in</html>' }],
  ['forbidden', { code: 'forbidden' }],
])('only values that always cause %s are dropped, whether they come first or last', async (_, fault) => {
  const mock = createMock()
  const { url: host, apiKey } = mock
  const options = { host, apiKey, retry }
  const fetch = async (request: Request) => {
    const isRefused = request.url.includes('/log/') && (await request.clone().text()).includes('"bad"')
    if (isRefused) mock.faults.add({ path: '/log/', ...fault })
    return mock.fetch(request)
  }
  const session = await login({ ...options, fetch })
  for (const keys of [
    ['bad', 'good', 'fine'],
    ['good', 'fine', 'bad'],
  ]) {
    const run = await session.init({ run: keys.join('-') })
    for (const key of keys) {
      await run.log({ [key]: 1 })
      await run.flush().catch(() => {})
    }
    said = []
    await run.finish()
    expect((await session.getLog(run.name)).map(({ key }) => key)).toEqual(['good', 'fine'])
    expect(run.dropped).toBe(1)
  }
})

test('versions that a run read and the server does not record are mentioned when it ends', async () => {
  const { mock, session, run } = await begin()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'file' })
  await session.uploadArtifact(artifact)
  mock.faults.add({ path: '/inputs', code: 'forbidden', times: Infinity })
  await session.getArtifact('sample', 'dataset')
  await run.finish()
  expect(said.filter((line) => line.includes('lineage'))).toHaveLength(1)
})

test('a segment that a proxy finds too large is sent in smaller ones', async () => {
  const { mock, session, run } = await begin()
  mock.faults.add({ path: '/log/', status: 413, times: 2 })
  await run.log(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, index])))
  await run.finish()
  expect(await values(session)).toEqual(Array.from({ length: 1000 }, (_, index) => index))
  expect(segments(mock)).toHaveLength(6)
  expect(run.dropped).toBe(0)
})

test('a run whose log the server does not accept ends, and reports how much is lost', async () => {
  const { mock, run } = await begin()
  mock.faults.add({ path: '/log/', code: 'forbidden', times: Infinity })
  await run.log({ loss: 1, rate: 1 })
  await run.finish()
  expect(run).toMatchObject({ dropped: 2, state: 'finished' })
  expect(said.join('')).toContain('2 logged values were dropped')
})

test.each([
  ['a 429 that asks for 30 seconds', 429, '30', 1],
  ['a 503 that asks for a date', 503, 'date', 1],
  ['a 503', 503, undefined, 5],
])('%s is not met with a request for every value', async (_, status, asked, most) => {
  const { mock, session, run } = await begin()
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  const date = new Date(Date.now() + 30_000).toUTCString()
  const headers = asked === undefined ? {} : { 'retry-after': asked === 'date' ? date : asked }
  mock.faults.add({ path: '/log/', times: Infinity, status, headers })
  let logged = 0
  for (let tenth = 0; tenth < 250; tenth += 1) {
    for (let index = 0; index < 50; index += 1) await run.log({ loss: (logged += 1) })
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(segments(mock).length).toBeGreaterThan(0)
  expect(segments(mock).length).toBeLessThanOrEqual(most)
  expect(said).toHaveLength(1)
  mock.faults.clear()
  // An attempt that was under way is over, and a minute later the next one succeeds.
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(65_000)
    expect(said).toHaveLength(2)
  })
  expect(said[1]).toContain('reaches the server again')
  await run.finish()
  expect(await values(session)).toHaveLength(logged)
})

test.each(['unauthorized', 'insufficient_storage'] as const)(
  '%s in the middle of a training is reported once, and once more when it is over',
  async (code) => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
    const { mock, session, run } = await begin()
    mock.faults.add({ path: '/log/', code, times: 4 })
    for (let step = 0; step < 10; step += 1) {
      await run.log({ loss: step })
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(said).toHaveLength(2)
    expect(said[0]).toMatch(/^Logging to the run r: /)
    await run.finish()
    expect(await values(session)).toHaveLength(10)
  },
)

test('a quiet session does not report it', async () => {
  const { mock, run } = await begin({ quiet: true })
  mock.faults.add({ path: '/log/', code: 'request_invalid' })
  await run.log({ loss: 1 })
  await run.finish()
  expect(said).toEqual([])
  expect(run.dropped).toBe(1)
})

test.each(['flush', 'finish'] as const)('%s ends with its signal, and can be called again', async (name) => {
  const mock = createMock()
  const slow = { firstDelayMs: 60_000, maxDelayMs: 60_000, budgetMs: 120_000 }
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, retry: slow })
  const run = await session.init({ run: 'r' })
  mock.faults.add({ path: '/log/', status: 503, times: 2 })
  await run.log({ loss: 1 })
  const abort = new AbortController()
  const call = run[name]({ signal: abort.signal })
  setTimeout(() => abort.abort(), 20)
  await errorOf('aborted', call)
  mock.faults.clear()
  await run.finish()
  expect(await values(session)).toEqual([1])
})

test('a version that was deleted since it was read does not keep the run from ending', async () => {
  const { mock, session, run } = await begin()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'file' })
  await session.uploadArtifact(artifact)
  mock.faults.add({ path: '/inputs', code: 'version_deleted', times: Infinity })
  await session.getArtifact('sample', 'dataset')
  await run.finish()
  expect(run.state).toBe('finished')
  expect(said.join('')).toContain('lineage')
})
