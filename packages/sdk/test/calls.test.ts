import { createMock } from '@trackway/mock-server'
import { expect, test, vi } from 'vitest'
import { Artifact, login, type ScopeOptions, type Session } from '../src/index.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

/** A session of an experiment, with an artifact in some experiments, and all requests that it sends. */
async function prepare() {
  const mock = createMock()
  for (const experiment of ['of-session', 'of-run', 'of-option'])
    await mock.seed({ 'dataset/sample': { 'a.csv': '1,2' } }, { experiment })
  const sent: { method: string; path: string; body: string }[] = []
  const fetch = async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    const body = (await request.clone().text()).replace(/"commitId":"[^"]*"/, '')
    sent.push({ method: request.method, path: pathname + search, body })
    return mock.fetch(request)
  }
  const session = await login({
    host: mock.url,
    apiKey: mock.apiKey,
    fetch,
    quiet: true,
    experiment: 'of-session',
  })
  vi.stubEnv('TRACKWAY_ASSETS_DIR', await temporaryFolder())
  const artifact = new Artifact('made', 'dataset')
  await artifact.add(new Uint8Array(1), { name: 'a' })
  const other = await login({ store: await temporaryFolder(), quiet: true })
  return { mock, session, artifact, other, sent }
}

type Prepared = Awaited<ReturnType<typeof prepare>>
type Method = Exclude<
  { [Key in keyof Session]: Session[Key] extends (...given: never) => unknown ? Key : never }[keyof Session],
  symbol
>
type Call = (prepared: Prepared, options: ScopeOptions) => Promise<unknown>

/** A call of every method. One that is missing does not compile. */
const calls: Record<Exclude<Method, 'listExperiments' | 'sync'>, Call> = {
  init: ({ session }, options) => session.init(options),
  getArtifact: ({ session }, options) => session.getArtifact('dataset/sample', options),
  uploadArtifact: ({ session, artifact }, options) => session.uploadArtifact(artifact, options),
  fetchAsset: ({ session }, options) => session.fetchAsset('dataset/sample', options),
  push: ({ session, other }, options) => session.push('dataset/sample', { to: other, ...options }),
  pushAll: ({ session, other }, options) => session.pushAll('dataset/sample', { to: other, ...options }),
  setAlias: ({ session }, options) => session.setAlias('dataset/sample:V1', 'best', options),
  removeAlias: ({ session }, options) => session.removeAlias('dataset/sample', 'best', options),
  deleteVersion: ({ session }, options) => session.deleteVersion('dataset/sample:V1', options),
  restoreVersion: ({ session }, options) => session.restoreVersion('dataset/sample:V1', options),
  applyRetention: ({ session }, options) => session.applyRetention({ keepLast: 1 }, options),
  listArtifacts: ({ session }, options) => session.listArtifacts(options),
  getVersion: ({ session }, options) => session.getVersion('dataset/sample', options),
  listVersions: ({ session }, options) => session.listVersions('dataset/sample', options),
  updateVersion: ({ session }, options) =>
    session.updateVersion('dataset/sample:V1', { description: 'x' }, options),
  getVersionHistory: ({ session }, options) => session.getVersionHistory('dataset/sample', options),
  getAliasHistory: ({ session }, options) => session.getAliasHistory('dataset/sample', 'best', options),
  listAliases: ({ session }, options) => session.listAliases('dataset/sample', options),
  listRuns: ({ session }, options) => session.listRuns(options),
  getRun: ({ session }, options) => session.getRun('some-run', options),
  getLog: ({ session }, options) => session.getLog('some-run', options),
  getLineage: ({ session }, options) => session.getLineage('dataset/sample', options),
}
const methods = Object.entries(calls)

/** The experiments that a call asks a server about. */
async function experimentsOf(prepared: Prepared, call: Call, options: ScopeOptions): Promise<string[]> {
  const before = prepared.sent.length
  await call(prepared, options).catch(() => {}) // What does not exist was requested all the same.
  const named = prepared.sent.slice(before).flatMap(({ path, body }) => {
    // What a run read is recorded with the run, wherever it read it, and a run ends where it began.
    if (path.includes('/inputs') || path.endsWith('/finish')) return []
    return /\/experiments\/([^/?]+)/.exec(path)?.[1] ?? /"experiment":"([^"]+)"/.exec(body)?.[1] ?? []
  })
  return [...new Set(named)]
}

test.each(methods)(
  '%s asks about the experiment of the option, else of the run, else of the session',
  async (_, call) => {
    const prepared = await prepare()
    expect(await experimentsOf(prepared, call, { experiment: undefined })).toEqual(['of-session'])
    await prepared.session.run?.finish()
    await prepared.session.init({ experiment: 'of-run' })
    expect(await experimentsOf(prepared, call, {})).toEqual(['of-run'])
    expect(await experimentsOf(prepared, call, { experiment: 'of-option' })).toEqual(['of-option'])
    await prepared.session.run?.finish()
    expect(await experimentsOf(prepared, call, {})).toEqual(['of-session'])
  },
)

test('the team is that of the option, else of the run, else of the session', async () => {
  const { session, sent } = await prepare()
  const teamOf = async (options: { team?: string }) => {
    await session.listExperiments(options)
    return /\/teams\/([^/]+)/.exec(sent.at(-1)?.path ?? '')?.[1]
  }
  expect(await teamOf({})).toBe('default')
  const run = await session.init({ team: 'of-run' })
  expect(await teamOf({})).toBe('of-run')
  expect(await teamOf({ team: 'of-option' })).toBe('of-option')
  await run.finish()
  expect(await teamOf({})).toBe('default')
})

type Pair = [
  bySpec: (prepared: Prepared) => Promise<unknown>,
  byName: (prepared: Prepared) => Promise<unknown>,
]
const pairs: Record<string, Pair> = {
  getArtifact: [
    ({ session }) => session.getArtifact('dataset/sample:V1'),
    ({ session }) => session.getArtifact('sample', 'dataset', 'V1'),
  ],
  'getArtifact of the latest': [
    ({ session }) => session.getArtifact('dataset/sample'),
    ({ session }) => session.getArtifact('sample', 'dataset'),
  ],
  fetchAsset: [
    ({ session }) => session.fetchAsset('dataset/sample:latest', { verify: true }),
    ({ session }) => session.fetchAsset('sample', 'dataset', 'latest', { verify: true }),
  ],
  push: [
    ({ session, other }) => session.push('dataset/sample:V1', { to: other }),
    ({ session, other }) => session.push('sample', 'dataset', 'V1', { to: other }),
  ],
  pushAll: [
    ({ session, other }) => session.pushAll('dataset/sample', { to: other }),
    ({ session, other }) => session.pushAll('sample', 'dataset', { to: other }),
  ],
  setAlias: [
    ({ session }) => session.setAlias('dataset/sample:V1', 'best', { expected: null }),
    ({ session }) => session.setAlias('sample', 'dataset', 'best', 'V1', { expected: null }),
  ],
  removeAlias: [
    ({ session }) => session.removeAlias('dataset/sample', 'best', { expected: 'V1' }),
    ({ session }) => session.removeAlias('sample', 'dataset', 'best', { expected: 'V1' }),
  ],
  getAliasHistory: [
    ({ session }) => session.getAliasHistory('dataset/sample', 'best'),
    ({ session }) => session.getAliasHistory('sample', 'dataset', 'best'),
  ],
  listAliases: [
    ({ session }) => session.listAliases('dataset/sample'),
    ({ session }) => session.listAliases('sample', 'dataset'),
  ],
  deleteVersion: [
    ({ session }) => session.deleteVersion('dataset/sample:V1'),
    ({ session }) => session.deleteVersion('sample', 'dataset', 'V1'),
  ],
  restoreVersion: [
    ({ session }) => session.restoreVersion('dataset/sample:V1', { team: 'default' }),
    ({ session }) => session.restoreVersion('sample', 'dataset', 'V1', { team: 'default' }),
  ],
  getVersion: [
    ({ session }) => session.getVersion('dataset/sample:V1', {}),
    ({ session }) => session.getVersion('sample', 'dataset', 'V1', {}),
  ],
  updateVersion: [
    ({ session }) => session.updateVersion('dataset/sample:V1', { description: 'x' }),
    ({ session }) => session.updateVersion('sample', 'dataset', 'V1', { description: 'x' }),
  ],
  getVersionHistory: [
    ({ session }) => session.getVersionHistory('dataset/sample:V1'),
    ({ session }) => session.getVersionHistory('sample', 'dataset', 'V1'),
  ],
  listVersions: [
    ({ session }) => session.listVersions('dataset/sample', { deleted: true }),
    ({ session }) => session.listVersions('sample', 'dataset', { deleted: true }),
  ],
  getLineage: [
    ({ session }) => session.getLineage('dataset/sample:V1'),
    ({ session }) => session.getLineage('sample', 'dataset', 'V1'),
  ],
}

test.each(Object.entries(pairs))('%s takes a spec, or name and type', async (_, [bySpec, byName]) => {
  const requests = async (call: Pair[0]) => {
    const prepared = await prepare()
    const before = prepared.sent.length
    await call(prepared).catch(() => {}) // What does not exist was requested all the same.
    return prepared.sent.slice(before)
  }
  const expected = await requests(byName)
  expect(expected).not.toEqual([])
  expect(await requests(bySpec)).toEqual(expected)
})

test('fetchAsset takes a spec of a file', async () => {
  const { session } = await prepare()
  expect(await session.fetchAsset('dataset/sample:V1[a.csv]')).toMatch(/a\.csv$/)
})

test('a spec beside a name, a type or a revision is refused before anything is sent', async () => {
  const { session, sent } = await prepare()
  const before = sent.length
  // As callers without types can.
  const untyped = (name: Method, ...given: unknown[]) =>
    (Reflect.get(session, name) as (...given: unknown[]) => Promise<unknown>).apply(session, given)
  for (const mixed of [
    untyped('getArtifact', 'dataset/sample:V1', 'dataset'),
    untyped('getArtifact', 'dataset/sample', 'V2'),
    untyped('getArtifact', 'dataset/sample', undefined, 'V2'),
    untyped('getArtifact', 'dataset/sample:V1', {}, 'V2'),
    untyped('getVersion', 'dataset/sample[a]', 'dataset', 'V1'),
    untyped('fetchAsset', 'dataset/sample:V1', 'dataset', 'V1', {}),
    untyped('setAlias', 'dataset/sample:V1', 'dataset', 'best', 'V1'),
    untyped('setAlias', 'dataset/sample:V1', 'best', {}, 'V1'),
    untyped('deleteVersion', 'dataset/sample:V1', 'dataset', 'V1'),
    untyped('push', 'dataset/sample:V1', 'dataset', 'V1', {}),
  ])
    expect(await errorOf('option_invalid', mixed)).toMatchObject({
      message: expect.stringMatching(
        /: pass either a spec, such as 'dataset\/sample:V2', or a name and a type/,
      ),
    })
  await errorOf('revision_invalid', session.getArtifact('dataset/sample:V1[a.csv]'))
  await errorOf('revision_invalid', session.listVersions('dataset/sample:V1'))
  await errorOf('revision_invalid', session.removeAlias('dataset/sample:V1', 'best'))
  await errorOf('revision_invalid', session.getArtifact('sample'))
  await errorOf('revision_invalid', session.deleteVersion('dataset/sample:best'))
  await errorOf('option_invalid', session.deleteVersion('dataset/sample'))
  expect(sent.length).toBe(before)
})

test('session.run is the run in progress, from init until it is finished', async () => {
  const { session, mock } = await prepare()
  expect(session.run).toBeUndefined()
  const first = await session.init({ run: 'first' })
  expect(session.run).toBe(first)
  const second = await session.init({ run: 'second' })
  await first.finish()
  expect(session.run).toBe(second)
  mock.faults.add({ path: '/finish', code: 'forbidden' })
  await errorOf('forbidden', second.finish())
  expect(session.run).toBe(second)
  await second.finish()
  expect(session.run).toBeUndefined()
})

test('work in a run ends it as finished, and its result is returned', async () => {
  const { session } = await prepare()
  const result = await session.init({ run: 'good' }, async (run) => {
    expect(session.run).toBe(run)
    await run.log({ loss: 0.5 })
    return run.name
  })
  expect(result).toBe('good')
  expect(session.run).toBeUndefined()
  const ended = await session.getRun('good')
  expect(ended).toMatchObject({ state: 'finished' })
  expect(ended).not.toHaveProperty('error')
  expect(await session.getLog('good')).toMatchObject([{ key: 'loss', value: 0.5 }])
  expect(await session.init(undefined, () => 5)).toBe(5)
})

test('work that is not a function is refused before a run begins', async () => {
  const { session, sent } = await prepare()
  const before = sent.length
  await errorOf('option_invalid', session.init({}, 5 as never)) // As callers without types may.
  expect(sent.length).toBe(before)
})

test('work that throws ends its run as failed with the error, which is thrown', async () => {
  const { session, mock } = await prepare()
  const failure = new Error('out of memory')
  const work = (run: { log(values: { loss: number }): Promise<void> }) =>
    run.log({ loss: 1 }).then(() => Promise.reject(failure))
  await expect(session.init({ run: 'bad' }, work)).rejects.toBe(failure)
  expect(session.run).toBeUndefined()
  expect(await session.getRun('bad')).toMatchObject({ state: 'failed', error: 'out of memory' })
  expect(await session.getLog('bad')).toMatchObject([{ key: 'loss' }])

  // Resumed, it has no error any more.
  await session.init({ run: 'bad' }, () => {})
  expect(await session.getRun('bad')).toMatchObject({ state: 'finished' })
  expect(await session.getRun('bad')).not.toHaveProperty('error')

  const long = 'x'.repeat(10_000)
  const thrower = () => {
    throw new Error(long)
  }
  await expect(session.init({ run: 'long' }, thrower)).rejects.toThrow(long)
  expect((await session.getRun('long')).error).toHaveLength(4096)

  // The error of the work is thrown, even if the run could not be ended.
  mock.faults.add({ path: '/finish', code: 'forbidden' })
  await expect(session.init({ run: 'worse' }, work)).rejects.toBe(failure)
})

test('a run that is ended explicitly has an error only if it failed', async () => {
  const { session } = await prepare()
  const run = await session.init({ run: 'r' })
  await errorOf('option_invalid', run.finish({ error: 'no' }))
  await run.finish({ state: 'failed', error: 'out of memory' })
  expect(await session.getRun('r')).toMatchObject({ state: 'failed', error: 'out of memory' })
})
