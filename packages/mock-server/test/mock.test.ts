import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Artifact, login } from '@trackway/sdk'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMock, startMockServer, type Fault, type Mock } from '../src/index.ts'

const sample = '/api/v1/teams/default/experiments/uncategorized/artifacts/dataset/sample/versions'

function get(mock: Mock, path: string): Promise<Response> {
  return mock.fetch(new Request(mock.url + path, { headers: { authorization: `Bearer ${mock.apiKey}` } }))
}

test('seeds are versions, one after another', async () => {
  const mock = createMock()
  await mock.seed({
    'dataset/sample': [{ 'a.csv': 'one' }, { 'a.csv': 'two', 'b/c.bin': new Uint8Array([1, 2]) }],
  })
  expect(await (await get(mock, `${sample}/V1/files/a.csv`)).text()).toBe('one')
  expect(await (await get(mock, `${sample}/latest/files/a.csv`)).text()).toBe('two')
  expect(await (await get(mock, `${sample}/V2/files/b/c.bin`)).bytes()).toEqual(new Uint8Array([1, 2]))
})

test('seeds may go to other teams and experiments', async () => {
  const mock = createMock()
  await mock.seed({ 'model/m': { w: 'x' } }, { team: 'vision', experiment: 'flowers' })
  const path = '/api/v1/teams/vision/experiments/flowers/artifacts/model/m/versions/V1/files/w'
  expect(await (await get(mock, path)).text()).toBe('x')
})

test('a reset forgets stored data, requests and faults', async () => {
  const mock = createMock()
  await mock.seed({ 'dataset/sample': { 'a.csv': 'one' } })
  mock.faults.add({ status: 500 })
  await get(mock, `${sample}/V1`)
  expect(mock.requests).toEqual([{ method: 'GET', path: `${sample}/V1`, status: 500 }])
  mock.reset()
  expect(mock.requests).toEqual([])
  expect((await get(mock, `${sample}/V1`)).status).toBe(404)
  expect((await get(mock, '/api/v1/me')).status).toBe(200)
})

test('a fault affects the requests that it matches, as many as it says', async () => {
  const mock = createMock()
  mock.faults.add({
    method: 'get',
    path: /\/me$/,
    skip: 1,
    times: 2,
    status: 503,
    headers: { 'retry-after': '7' },
  })
  const answers = []
  for (let turn = 0; turn < 4; turn += 1) answers.push(await get(mock, '/api/v1/me'))
  expect(answers.map(({ status }) => status)).toEqual([200, 503, 503, 200])
  expect(answers[1]?.headers.get('retry-after')).toBe('7')
  expect((await get(mock, '/api/v1/healthz')).status).toBe(200)
})

test('a fault that affected nothing is listed', async () => {
  const mock = createMock()
  const [often, late, never]: Fault[] = [
    { path: '/me', status: 503, times: Infinity },
    { path: '/me', skip: 1, status: 503 },
    { path: '/mee', status: 503 },
  ]
  for (const fault of [often, late, never]) if (fault) mock.faults.add(fault)
  expect(mock.faults.unused).toEqual([often, late, never])
  await get(mock, '/api/v1/me')
  expect(mock.faults.unused).toEqual([late, never])
  mock.faults.clear()
  expect(mock.faults.unused).toEqual([])
})

test('a fault has exactly one effect', () => {
  const { faults } = createMock()
  const nothing: object = { path: '/me' }
  expect(() => faults.add(nothing as Fault)).toThrow('exactly one') // As a caller without types would.
  expect(() => faults.add({ status: 500, delayMs: 1 })).toThrow('exactly one')
})

test('a fault fails in the same words as the server', async () => {
  const mock = createMock()
  mock.faults.add({ code: 'unauthorized' })
  const attempt = () => login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  expect(await attempt().catch((error: unknown) => error)).toMatchObject({
    code: 'unauthorized',
    status: 401,
  })
  expect(await attempt()).toMatchObject({ user: 'mock' })
  expect(() => mock.faults.add({ code: 'aborted' })).toThrow('No server sends the code aborted')
  const misspelt = { code: 'unauthorize' } as unknown as Fault // As a caller without types would.
  expect(() => mock.faults.add(misspelt)).toThrow('No server sends the code unauthorize')
})

test('a callback may run before a request is answered', async () => {
  const mock = createMock()
  mock.faults.add({
    path: `${sample}/latest`,
    meanwhile: () => mock.seed({ 'dataset/sample': { 'a.csv': 'one' } }),
  })
  expect((await get(mock, `${sample}/latest`)).status).toBe(200)
})

const bodyFaults: [string, Fault, (answer: Promise<string>) => Promise<unknown>][] = [
  ['cuts the connection before', { drop: 'before' }, (answer) => expect(answer).rejects.toThrow()],
  ['cuts the connection behind the effect', { drop: 'after' }, (answer) => expect(answer).rejects.toThrow()],
  ['cuts the answer', { drop: 3 }, (answer) => expect(answer).rejects.toThrow()],
  ['shortens the answer', { truncateAt: 3 }, (answer) => expect(answer).resolves.toBe('con')],
  ['alters the answer', { alterAt: 0 }, (answer) => expect(answer).resolves.toBe('bontent')],
  ['delays the answer', { delayMs: 5 }, (answer) => expect(answer).resolves.toBe('content')],
]

test.each(bodyFaults)('a fault %s', async (_, fault, check) => {
  const mock = createMock()
  await mock.seed({ 'dataset/sample': { file: 'content' } })
  mock.faults.add(fault)
  await check(get(mock, `${sample}/V1/files/file`).then((response) => response.text()))
  expect(await (await get(mock, `${sample}/V1/files/file`)).text()).toBe('content')
})

test.each(bodyFaults)('a fault on a port %s', async (_, fault, check) => {
  await using mock = await startMockServer()
  await mock.seed({ 'dataset/sample': { file: 'content' } })
  const headers = { authorization: `Bearer ${mock.apiKey}` }
  const read = () =>
    fetch(`${mock.url}${sample}/V1/files/file`, { headers }).then((response) => response.text())
  mock.faults.add(fault)
  await check(read())
  expect(await read()).toBe('content')
})

test('a mock on a port goes away when it is closed, and may be closed again', async () => {
  await using mock = await startMockServer()
  await mock.close()
  await expect(fetch(mock.url)).rejects.toThrow('fetch failed')
})

test('a mock does not listen on a port that fetch refuses', async () => {
  await expect(startMockServer({ port: 6667 })).rejects.toMatchObject({
    code: 'option_invalid',
    message: expect.stringContaining('Cannot serve on port 6667'),
  })
})

/** Starts the command, and returns its process and URL. */
async function startCommand(...words: string[]) {
  const bin = fileURLToPath(new URL('../bin/trackway-mock-server.js', import.meta.url))
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line]: unknown[] = await once(child.stdout, 'data')
  return { child, url: /http:\S+/.exec(String(line))?.[0] }
}

test('the command prints its URL, and stops on a signal', async () => {
  const { child, url } = await startCommand('--api-key', 'tw_test')
  const answer = await fetch(`${url}/api/v1/me`, {
    headers: { authorization: 'Bearer tw_test', connection: 'close' },
  })
  expect(await answer.json()).toMatchObject({ user: 'mock' })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('the command sets quotas', async () => {
  const { url = '' } = await startCommand('--team-quota', 'bytes=1MB')
  const session = await login({ host: url, apiKey: 'tw_mock', quiet: true })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(randomBytes(2_000_000), { name: 'a.bin' })
  await expect(session.uploadArtifact(artifact)).rejects.toMatchObject({ code: 'quota_exceeded' })
})

test('pages may use it, and see the faults of their requests', async () => {
  const mock = createMock()
  mock.faults.add({ status: 503 })
  const headers = { origin: 'http://page.test', authorization: `Bearer ${mock.apiKey}` }
  const question = { ...headers, 'access-control-request-method': 'GET' }
  const me = `${mock.url}/api/v1/me`
  const preflight = await mock.fetch(new Request(me, { method: 'OPTIONS', headers: question }))
  const failed = await mock.fetch(new Request(me, { headers }))
  expect([preflight.status, failed.status]).toEqual([204, 503])
  for (const answer of [preflight, failed])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(mock.requests).toHaveLength(1)
})

test('an internal failure of the mock is shown with its stack, and a planned fault is not', async () => {
  const shown = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => shown.mockRestore())
  const defect = new Error('a defect')
  const mock = createMock({
    storeFault() {
      throw defect
    },
  })
  expect((await get(mock, `${sample}/V1`)).status).toBe(500)
  expect(shown).toHaveBeenLastCalledWith(expect.stringContaining(`GET ${sample}/V1`), defect)
  const other = createMock()
  const meanwhile = new Error('what a test does meanwhile')
  other.faults.add({ meanwhile: () => Promise.reject(meanwhile) })
  await expect(get(other, `${sample}/V1`)).rejects.toBe(meanwhile)
  expect(shown).toHaveBeenLastCalledWith(expect.stringContaining(`GET ${sample}/V1`), meanwhile)
  shown.mockClear()
  other.faults.add({ status: 500 })
  other.faults.add({ code: 'internal_error' })
  other.faults.add({ drop: 'before' })
  for (let turn = 0; turn < 3; turn += 1) await get(other, `${sample}/V1`).catch(() => {})
  expect((await get(other, `${sample}/V1`)).status).toBe(404)
  expect(shown).not.toHaveBeenCalled()
})
