import { createMock, type Mock } from '@trackway/mock-server'
import { logPageSchema } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { login, type Run } from '../src/index.ts'
import { errorOf } from './test-server.ts'

async function begin(mock: Mock): Promise<Run> {
  const retry = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 }
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true, retry })
  return session.init({ run: 'r' })
}

async function logged(mock: Mock) {
  const path = '/api/v1/teams/default/experiments/uncategorized/runs/r/log'
  const request = new Request(mock.url + path, { headers: { authorization: `Bearer ${mock.apiKey}` } })
  return logPageSchema
    .parse(await (await mock.fetch(request)).json())
    .points.map(({ step, key, value }) => [step, key, value])
}

test('a log keeps steps, order and numbers that JSON does not have', async () => {
  const mock = createMock()
  const run = await begin(mock)
  await run.log({ loss: 0.5, rate: 1 })
  await run.log({ loss: Number.NaN })
  await run.flush()
  await run.log({ loss: Number.POSITIVE_INFINITY }, { step: 10 })
  await run.log({ loss: -1 })
  await run.finish()
  expect(await logged(mock)).toEqual([
    [0, 'loss', 0.5],
    [0, 'rate', 1],
    [1, 'loss', 'NaN'],
    [10, 'loss', 'Infinity'],
    [11, 'loss', -1],
  ])
})

test('a run that is continued keeps counting its steps', async () => {
  const mock = createMock()
  const first = await begin(mock)
  await first.log({ loss: 2 }, { step: 41 })
  await first.log({ loss: 1 })
  await first.finish()
  const again = await begin(mock)
  await again.log({ loss: 0.5 })
  await again.finish()
  expect(await logged(mock)).toContainEqual([43, 'loss', 0.5])
})

test('what was logged can be read, at once by the process that logged it', async () => {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  const run = await session.init()
  await run.log({ loss: 0.5, ratio: Number.NaN }, { time: new Date(5) })
  await run.log({ loss: Number.NEGATIVE_INFINITY }, { step: 7, time: new Date(6) })
  expect(await session.getLog(run.name)).toEqual([
    { step: 0, key: 'loss', value: 0.5, time: new Date(5) },
    { step: 0, key: 'ratio', value: Number.NaN, time: new Date(5) },
    { step: 7, key: 'loss', value: Number.NEGATIVE_INFINITY, time: new Date(6) },
  ])
  for (let step = 8; step < 2_500; step += 1) await run.log({ loss: step })
  await run.finish()
  const all = await session.getLog(run.name)
  expect(all.map(({ step }) => step)).toEqual([0, 0, 7, ...Array.from({ length: 2_492 }, (_, at) => at + 8)])
  await errorOf('not_found', session.getLog('nobody'))
})

test('a lost reply does not log twice', async () => {
  const mock = createMock()
  const run = await begin(mock)
  mock.faults.add({ path: '/log/', drop: 'after', times: 2 })
  await run.log({ loss: 1 })
  await run.finish()
  expect(await logged(mock)).toEqual([[0, 'loss', 1]])
})

test('points that could not be sent are kept and sent with the next attempt', async () => {
  const mock = createMock()
  const run = await begin(mock)
  mock.faults.add({ path: '/log/', status: 503, times: 100_000 })
  await run.log({ loss: 1 })
  await errorOf('network_error', run.flush())
  await errorOf('network_error', run.finish())
  mock.faults.clear()
  await run.finish()
  expect(run.state).toBe('finished')
  expect(await logged(mock)).toEqual([[0, 'loss', 1]])
})

test('a block throws its own error, even if the run could not be ended', async () => {
  const mock = createMock()
  const work = async () => {
    await using run = await begin(mock)
    mock.faults.add({ path: '/finish', drop: 'before', times: Infinity })
    try {
      throw new Error('the loss is gone')
    } catch (error) {
      await errorOf('network_error', run.finish({ state: 'failed' }))
      throw error
    }
  }
  await expect(work()).rejects.toThrow('the loss is gone')
})

test('many values travel in few requests, in the background', async () => {
  const mock = createMock()
  const run = await begin(mock)
  for (let step = 0; step < 2_500; step += 1) await run.log({ loss: step })
  await run.finish()
  expect(mock.requests.filter(({ path }) => path.includes('/log/'))).toHaveLength(3)
  expect(await logged(mock)).toHaveLength(2_500)
})

test('a finished run accepts nothing more, and may be finished again', async () => {
  const mock = createMock()
  const run = await begin(mock)
  await run.finish({ state: 'failed' })
  await run.finish()
  expect(run.state).toBe('failed')
  await run.log({ loss: 1 })
  expect(run.dropped).toBe(1)
})

test('a run of another experiment is not found, and the error names that experiment', async () => {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  await session.init({ experiment: 'flowers', run: 'baseline' }, async () => {})
  const { message } = await errorOf('not_found', session.getRun('baseline'))
  expect(message).toContain('There is no run baseline in experiment uncategorized; experiment flowers has it')
  expect(await session.getRun('baseline', { experiment: 'flowers' })).toMatchObject({ state: 'finished' })
  const missing = await errorOf('not_found', session.getRun('other'))
  expect(missing.message).toMatch(/There is no run other in experiment uncategorized \(request/)
})
