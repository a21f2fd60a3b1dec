// Runs the code in this process: msw handles the requests of `fetch`, and nothing listens on a port.
import { createMock, trackwayHandlers } from '@trackway/mock-server'
import { login, type TrackwayError } from '@trackway/sdk'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { train } from './train.ts'

const mock = createMock()
const server = setupServer(...trackwayHandlers(mock))
const lines = { experiment: 'lines' }
// Points on a line, so that the right result is obvious.
const points = JSON.stringify([0, 1, 2, 3].map((x) => ({ x, y: 2 * x + 1 })))

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(() => server.close())
beforeEach(async () => {
  mock.reset()
  await mock.seed({ 'dataset/points': { 'points.json': points } }, lines)
})

// A fault that was never used has a mistake in its path, and its test proves nothing.
afterEach(() => expect(mock.faults.unused).toEqual([]))

/** Logs in like the code, but retries sooner, and for less than the default of 15 minutes. */
function connect(budgetMs = 10_000) {
  const retry = { budgetMs, firstDelayMs: 1, maxDelayMs: 5 }
  return login({ host: mock.url, apiKey: mock.apiKey, retry, quiet: true })
}

/** The code of the error that a promise rejects with. */
function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    ({ code }: TrackwayError) => code,
  )
}

async function storedModels() {
  return (await connect()).listVersions('line', 'model', lines)
}

test('the line is stored, and the run records what it was made from', async () => {
  const session = await connect()
  expect(await train(session)).toBe('V1')
  const model = await session.getArtifact('line', 'model', 'V1', lines)
  expect(await model.entry('line.json').json()).toEqual({ slope: 2, offset: 1 })
  expect(model.metadata).toEqual({ dataset: 'V1' })
  const [run] = await session.listRuns(lines)
  expect(await session.getRun(run?.run ?? '', lines)).toMatchObject({
    state: 'finished',
    inputs: [{ name: 'points', tag: 'V1' }],
    outputs: [{ name: 'line', tag: 'V1' }],
  })
  expect(await session.getLog(run?.run ?? '', lines)).toMatchObject([{ step: 0, key: 'error', value: 0 }])
})

test('an upload that fails twice succeeds on the third attempt', async () => {
  mock.faults.add({ method: 'POST', path: /\/blobs$/, status: 503, times: 2 })
  expect(await train(await connect())).toBe('V1')
  const uploads = mock.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/blobs'))
  expect(uploads.map(({ status }) => status)).toEqual([503, 503, 200])
})

test('a version whose response was lost is not made twice', async () => {
  mock.faults.add({ method: 'POST', path: /\/versions$/, drop: 'after' })
  expect(await train(await connect())).toBe('V1')
  expect(await storedModels()).toHaveLength(1)
})

test.each([
  ['breaks off', { drop: 9 }],
  ['is shorter than it should be', { truncateAt: 9 }],
  ['has a wrong bit', { alterAt: 9 }],
])('if the response with a dataset %s, the result is still right', async (_, fault) => {
  mock.faults.add({ path: '/blobs/', ...fault })
  const session = await connect()
  await train(session)
  const model = await session.getArtifact('line', 'model', 'V1', lines)
  expect(await model.entry('line.json').json()).toEqual({ slope: 2, offset: 1 })
  expect(mock.requests.filter(({ path }) => path.includes('/blobs/')).length).toBeGreaterThan(1)
})

test('if somebody else takes the tag, the version gets the next one', async () => {
  const meanwhile = () => mock.seed({ 'model/line': { 'line.json': '{}' } }, lines)
  mock.faults.add({ method: 'POST', path: /\/versions$/, meanwhile })
  expect(await train(await connect())).toBe('V2')
  const models = await storedModels()
  expect(models.map(({ tag, run }) => [tag, run !== null])).toEqual([
    ['V2', true],
    ['V1', false],
  ])
})

test('with a bad dataset, nothing is uploaded and the run fails', async () => {
  await mock.seed({ 'dataset/points': { 'points.json': '[{"x":1,"y":"two"}]' } }, lines)
  const session = await connect()
  await expect(train(session)).rejects.toThrow('expected number, received string')
  const writes = mock.requests.filter(({ method }) => method !== 'GET')
  expect(writes.filter(({ path }) => !path.includes('/runs'))).toEqual([])
  expect(await storedModels()).toEqual([])
  expect(await session.listRuns(lines)).toMatchObject([{ state: 'failed' }])
})

test('a key that is revoked during the training is reported at once', async () => {
  const session = await connect()
  mock.faults.add({ method: 'POST', path: '/blobs', code: 'unauthorized', times: Infinity })
  expect(await codeOf(train(session))).toBe('unauthorized')
  expect(mock.requests.filter(({ status }) => status === 401)).toHaveLength(1)
})

test('a server that goes down is an error after the retry budget', async () => {
  const session = await connect(500)
  const meanwhile = () => mock.faults.add({ drop: 'before', times: Infinity })
  mock.faults.add({ method: 'POST', path: '/blobs', meanwhile }) // From the upload on.
  expect(await codeOf(train(session))).toBe('network_error')
  expect(mock.requests.filter(({ status }) => status === 0).length).toBeGreaterThan(10)
})

test('the training waits for a slow server', async () => {
  mock.faults.add({ delayMs: 100, times: 3 })
  expect(await train(await connect())).toBe('V1')
})
