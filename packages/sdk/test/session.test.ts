import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createMock } from '@trackway/mock-server'
import { serviceSchema } from '@trackway/protocol'
import { createApiKey, createApp, createMemoryStore } from '@trackway/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login, type LoginOptions } from '../src/index.ts'
import { pass } from './clock.ts'
import { freshFunctions } from './fresh-functions.ts'
import { configureMachine, watchPrinted } from './machine.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

const secret = 'tw_a-secret-that-nobody-may-see'
const fast = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 }

async function sample(content: string): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode(content), { name: 'file' })
  return artifact
}

test('without a host everything is stored in a folder, and two sessions share it', async () => {
  const folder = await temporaryFolder()
  const printed = watchPrinted()
  const session = await login({ store: folder })
  const run = await session.init({ experiment: 'flowers', config: { seed: 1 } })
  expect(printed.join('\n')).toContain(`run ${run.name}`)
  expect(printed.join('\n')).toContain(folder)
  await session.uploadArtifact(await sample('one'))
  await session.setAlias('sample', 'dataset', 'production', 'latest', { expected: null })
  await errorOf('alias_moved', session.setAlias('sample', 'dataset', 'other', 'V1', { expected: 'V1' }))

  const other = await login({ store: folder, quiet: true })
  await other.init({ experiment: 'flowers', run: 'reader' })
  const read = await other.getArtifact('sample', 'dataset', 'production')
  expect(await read.entry('file').text()).toBe('one')
  expect(await other.getLineage('sample', 'dataset')).toEqual({
    producedBy: { experiment: 'flowers', run: run.name },
    usedBy: [{ experiment: 'flowers', run: 'reader' }],
  })
  expect(await other.getRun('reader')).toMatchObject({ inputs: [{ name: 'sample', tag: 'V1' }] })
  expect(await other.listArtifacts()).toMatchObject([{ name: 'sample', aliases: { production: 'V1' } }])
  expect(await other.listArtifacts({ type: 'model' })).toEqual([])
  expect(await other.listExperiments()).toEqual(['flowers'])
  expect(await other.listExperiments({ team: 'others' })).toEqual([])
  expect(await other.listVersions('sample', 'dataset')).toMatchObject([{ tag: 'V1' }])
  expect((await other.listRuns()).map(({ run: name }) => name).sort()).toEqual(['reader', run.name].sort())
  await other.removeAlias('sample', 'dataset', 'production')
  expect(await other.listAliases('sample', 'dataset')).toEqual({})
  expect(printed).toHaveLength(1)
})

test('functions that come too early say what to call first', async () => {
  const fresh = await freshFunctions()
  await expect(fresh.getArtifact('a', 'b')).rejects.toMatchObject({
    name: 'NotLoggedInError',
    code: 'not_logged_in',
  })
  const early = fresh.log({ loss: 1 })
  await new Promise((resolve) => setImmediate(resolve)) // An unhandled rejection would fail the test.
  await expect(early).rejects.toMatchObject({ code: 'not_logged_in' })
  const mock = createMock()
  await fresh.login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  await expect(fresh.log({ loss: 1 })).rejects.toMatchObject({
    name: 'NotInitializedError',
    code: 'not_initialized',
    message: 'log needs a run; call init() first',
  })
  await expect(fresh.finish()).rejects.toMatchObject({ code: 'not_initialized' })
  await mock.seed({ 'dataset/sample': { file: 'text' } })
  expect((await fresh.getArtifact('dataset/sample:V1')).tag).toBe('V1')
  await fresh.init()
  await fresh.log({ loss: 1 })
  await fresh.finish()
  await expect(fresh.log({ loss: 1 })).rejects.toMatchObject({ code: 'not_initialized' })
})

test('await using ends the run', async () => {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  {
    await using run = await session.init({ run: 'short' })
    expect(run.state).toBe('running')
  }
  expect(await session.getRun('short')).toMatchObject({ state: 'finished' })
})

test('a key may do what its role says, and errors name the remedy', async () => {
  const store = createMemoryStore()
  const app = await createApp({ store })
  const { key } = await createApiKey(store, { user: 'ada', roles: { vision: 'read' } })
  const options = {
    host: 'http://test',
    quiet: true,
    fetch: (request: Request) => app.fetch(request),
    retry: fast,
  }
  const session = await login({ ...options, apiKey: key })
  expect(session).toMatchObject({ user: 'ada', team: 'vision' })
  await errorOf('forbidden', session.init())
  await errorOf('not_found', session.listRuns({ team: 'other', experiment: 'e' }))
  expect(await errorOf('unauthorized', login({ ...options, apiKey: secret }))).toMatchObject({
    message: expect.stringContaining('the options'),
  })
  await configureMachine()
  expect(await errorOf('unauthorized', login(options))).toMatchObject({
    message: expect.stringContaining('No API key was sent'),
  })
})

test.each([
  ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } }), 'not_trackway'],
  ['no page', () => new Response('<html>', { status: 404 }), 'not_trackway'],
  ['other JSON', () => Response.json({ service: 'other' }), 'not_trackway'],
  ['a proxy without a server', () => new Response('', { status: 502 }), 'network_error'],
  [
    'a redirect',
    () => Promise.reject(new TypeError('fetch failed', { cause: new Error('unexpected redirect') })),
    'not_trackway',
  ],
  [
    'nobody',
    () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })),
    'network_error',
  ],
] as const)('a host where %s answers is refused, and the key is in no error', async (_, answer, code) => {
  const options: LoginOptions = {
    host: 'http://test',
    apiKey: secret,
    async fetch() {
      pass(2_000)
      return answer()
    },
    retry: fast,
  }
  const error = await errorOf(code, login(options))
  expect(error.message).toContain('http://test')
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret)
})

test('a server of a later format is refused', async () => {
  const mock = createMock()
  const fetch = async (request: Request) => {
    const response = await mock.fetch(request)
    return new URL(request.url).pathname === '/api/v1'
      ? Response.json({ ...serviceSchema.parse(await response.json()), formatVersion: 2 })
      : response
  }
  await errorOf('server_too_new', login({ host: mock.url, apiKey: mock.apiKey, fetch }))
})

test('a session shows everything except the key', async () => {
  const store = createMemoryStore()
  const app = await createApp({ store })
  await createApiKey(store, { user: 'ada', roles: { vision: 'write' }, key: secret })
  const fetch = (request: Request) => app.fetch(request)
  const session = await login({ host: 'http://test', apiKey: secret, fetch, quiet: true, retry: fast })
  const run = await session.init()
  const artifact = await sample('one')
  await session.uploadArtifact(artifact)
  const failure = await errorOf('not_found', session.getArtifact('none', 'dataset'))
  for (const value of [session, run, artifact, failure]) {
    expect(inspect(value, { depth: 30, showHidden: true })).not.toContain(secret)
    expect(JSON.stringify(value) ?? '').not.toContain(secret)
  }
  expect(inspect(session)).toMatch(/user +ada/)
})

test("reading does not create a store, and a version's record can be read without its entries", async () => {
  const folder = join(await temporaryFolder(), 'store')
  const reading = { store: folder, create: false, quiet: true, experiment: 'flowers' }
  const error = await errorOf('not_found', login(reading))
  expect(error.message).toContain(folder)
  expect(existsSync(folder)).toBe(false)
  await mkdir(folder)
  await errorOf('not_found', login(reading))

  const writer = await login({ store: folder, experiment: 'flowers' })
  const place = { experiment: writer.experiment }
  await writer.uploadArtifact(await sample('one'), place)
  await writer.setAlias('sample', 'dataset', 'best', 'V1', place)
  const reader = await login(reading)
  const version = await reader.getVersion('sample', 'dataset', 'best', { experiment: reader.experiment })
  expect(version).toMatchObject({
    tag: 'V1',
    fileCount: 1,
    size: 3,
    experiment: 'flowers',
    aliases: ['best'],
  })
  await errorOf('not_found', reader.getVersion('sample', 'dataset', 'V2', place))
})

test('a run ends when the next one begins, and with its session, which says so', async () => {
  const said: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean(said.push(String(text))))
  onTestFinished(() => void vi.restoreAllMocks())
  const mock = createMock()
  {
    await using session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch })
    const first = await session.init({ run: 'first' })
    await first.log({ loss: 1 })
    const second = await session.init({ run: 'second' })
    expect(session.run).toBe(second)
    expect(first.state).toBe('finished')
    // A run with its own work is not ended by others.
    await session.init({ run: 'outer' }, async (outer) => {
      expect(second.state).toBe('finished')
      await session.init({ run: 'last' })
      expect(outer.state).toBe('running')
    })
  }
  const states = said.filter((line) => line.startsWith('The run')).map((line) => line.trim())
  expect(states).toEqual([
    'The run first is finished, since another run begins',
    'The run second is finished, since another run begins',
    'The run last is finished, with its session',
  ])
})
