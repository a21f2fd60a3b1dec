import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startMockServer, type MockServer } from '@trackway/mock-server'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { login, type Session } from '../src/index.ts'
import { temporaryFolder } from './test-server.ts'

// How a process ends, in real processes: what is on the server afterwards.

const script = fileURLToPath(new URL('run-process.ts', import.meta.url))
const at = { experiment: 'ends' }
const killed = 'The process was killed, or crashed, before it ended the run'
let mock: MockServer
let session: Session

beforeAll(async () => {
  mock = await startMockServer({ apiKey: 'tw_mock' })
  await mock.seed({ 'dataset/sample': { file: 'text' } })
  session = await login({ host: mock.url, apiKey: 'tw_mock', quiet: true })
})
afterAll(() => mock.close())

interface Options {
  address?: string
  /** Sent once the script is ready. */
  signals?: NodeJS.Signals[]
  env?: NodeJS.ProcessEnv
}

/** Runs the script, and returns how it ended: its exit code, or its signal. */
async function runScript(
  ending: string,
  run: string,
  { address = mock.url, signals = [], env }: Options = {},
) {
  const words = ['--conditions=@trackway/source', script, address, ending, run]
  const child = spawn(process.execPath, words, { env: { ...process.env, ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stderr.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  const exit = once(child, 'exit')
  if (signals.length > 0) {
    await Promise.race([once(child.stdout, 'data'), exit])
    for (const signal of signals) child.kill(signal)
  }
  const [code, signal] = await exit
  return { ended: code ?? signal, printed }
}

/** A run once it has ended, and how many values it logged. */
async function outcomeOf(run: string, of = session) {
  const { state, error, inputs } = await vi.waitFor(
    async () => {
      const found = await of.getRun(run, at)
      expect(found.state).not.toBe('running')
      return found
    },
    { timeout: 30_000, interval: 50 },
  )
  const log = await of.getLog(run, at)
  return { state, error, inputs: inputs.length, values: log.map(({ value }) => value) }
}

function spools(): string[] {
  const folder = join(process.env['XDG_STATE_HOME'] ?? '', 'trackway', 'runs')
  return readdirSync(folder).map((name) => join(folder, name))
}

const all = Array.from({ length: 500 }, (_, step) => step)
const failed = (error: string) => ({ state: 'failed', error })

test.each<[string, number, object]>([
  ['natural', 0, { state: 'finished' }],
  ['exit0', 0, { state: 'finished' }],
  ['exit3', 3, failed('The process ended with the exit code 3')],
  ['exitCode', 3, failed('The process ended with the exit code 3')],
  ['throw', 1, failed('the loss is gone')],
  ['reject', 1, failed('the loss is gone')],
  ['handled', 0, { state: 'finished' }],
  ['finished', 1, { state: 'finished' }],
])('a script that ends by %s, without a finish, has everything on the server', async (ending, code, how) => {
  const { ended } = await runScript(ending, ending)
  expect(ended).toBe(code)
  expect(await outcomeOf(ending)).toEqual({ error: undefined, ...how, inputs: 1, values: all })
})

test.each<[string, NodeJS.Signals[]]>([
  ['SIGINT', ['SIGINT']],
  ['SIGINT twice', ['SIGINT', 'SIGINT']],
  ['SIGTERM', ['SIGTERM']],
  ['SIGHUP', ['SIGHUP']],
  ['SIGKILL', ['SIGKILL']],
])('a script that is ended by %s ends by it, and has everything on the server', async (_, signals) => {
  const name = signals.join('-')
  const { ended } = await runScript('wait', name, { signals })
  expect(ended).toBe(signals[0])
  const how = { state: 'interrupted', error: killed }
  expect(await outcomeOf(name)).toEqual({ ...how, inputs: 1, values: all })
})

test.each<NodeJS.Signals>(['SIGINT', 'SIGKILL'])(
  'a script that never pauses is ended by %s, and loses no more than its last second',
  async (signal) => {
    const { ended } = await runScript('busy', `busy-${signal}`, { signals: [signal] })
    expect(ended).toBe(signal)
    const { state, values } = await outcomeOf(`busy-${signal}`)
    expect(state).toBe('interrupted')
    expect(values.slice(0, 500)).toEqual(all)
  },
)

test('a signal that the script handles itself is its own matter', async () => {
  const { ended } = await runScript('ownHandler', 'own', { signals: ['SIGINT'] })
  expect(ended).toBe(7)
  expect(await outcomeOf('own')).toMatchObject({ state: 'finished', values: all })
})

test('an error that ends a block and the script makes its run failed', async () => {
  expect(await runScript('using', 'using')).toMatchObject({ ended: 1 })
  // It had ended as finished, before the error was known.
  const outcome = { ...failed('the loss is gone'), values: [1] }
  await vi.waitFor(async () => expect(await outcomeOf('using-block')).toMatchObject(outcome), 20_000)
})

test('the end of a thread ends its own runs, and not those of the script', async () => {
  expect(await runScript('worker', 'thread')).toMatchObject({ ended: 0 })
  expect(await outcomeOf('thread-worker')).toMatchObject({ state: 'finished', values: all })
  expect(await outcomeOf('thread')).toMatchObject({ state: 'finished', values: all })
})

test('the end of a child process ends its own runs, and not those of its parent', async () => {
  expect(await runScript('child', 'parent')).toMatchObject({ ended: 0 })
  expect(await outcomeOf('parent-child')).toMatchObject(failed('the loss is gone'))
  expect(await outcomeOf('parent')).toMatchObject({ state: 'finished', values: all })
})

test.each<[string, Options]>([
  ['exit3', {}],
  ['wait', { signals: ['SIGTERM'] }],
])('a store in a folder has everything too: %s', async (ending, options) => {
  const address = await temporaryFolder()
  await runScript(ending, 'r', { ...options, address })
  const local = await login({ store: address, create: false, quiet: true })
  expect(await outcomeOf('r', local)).toMatchObject({ values: all })
})

/** Makes requests of runs fail until the test is over, or the returned function is called. */
function breakServer(): () => void {
  for (const path of ['/log/', '/finish', '/inputs']) mock.faults.add({ path, status: 503, times: Infinity })
  onTestFinished(() => mock.faults.clear())
  return () => mock.faults.clear()
}

test.each<[string, Options, object]>([
  ['natural', {}, { state: 'finished' }],
  ['throw', {}, failed('the loss is gone')],
  ['wait', { signals: ['SIGKILL'] }, { state: 'interrupted' }],
])('what cannot be sent is kept, and sent once by a sync: %s', async (ending, options, how) => {
  const run = `kept-${ending}`
  const repair = breakServer()
  await runScript(ending, run, options)
  const path = spools().find((each) => readFileSync(each, 'utf8').includes(`"run":"${run}"`)) ?? ''
  expect(statSync(path).mode & 0o777).toBe(0o600)
  repair()
  // The process that sends it may still be trying.
  await vi.waitFor(() => session.sync().then(() => expect(spools()).not.toContain(path)), { timeout: 20_000 })
  expect(await outcomeOf(run)).toMatchObject({ ...how, inputs: 1, values: all })
  expect(await session.sync()).toEqual({ sent: [], kept: [] })
})

test('runs of one process, one after the other, are not taken for left behind', async () => {
  expect(await runScript('several', 'several')).toMatchObject({ ended: 0 })
  for (const run of ['several', 'several-2', 'several-3'])
    expect(await outcomeOf(run)).toMatchObject({ state: 'finished', values: all })
})

test('the next run on the machine sends what is left', async () => {
  const repair = breakServer()
  await runScript('exit0', 'left')
  repair()
  const next = await session.init({ ...at, run: 'next', quiet: true })
  expect(await outcomeOf('left')).toMatchObject({ state: 'finished', values: all })
  await next.finish()
})

test('what belongs to another store or user is left alone', async () => {
  const repair = breakServer()
  await runScript('exit0', 'theirs')
  const [path = '', ...others] = spools()
  expect(others).toEqual([])
  const text = readFileSync(path, 'utf8')
  repair()
  for (const [field, value, reason] of [
    ['user', 'mallory', 'it belongs to another user'],
    ['storeId', crypto.randomUUID(), 'another store was at this address then'],
    ['address', 'http://elsewhere.test', 'it belongs to another store'],
  ] as const) {
    writeFileSync(path, text.replace(new RegExp(`"${field}":"[^"]*"`), `"${field}":"${value}"`))
    expect(await session.sync()).toMatchObject({ sent: [], kept: [{ run: 'theirs', path, reason }] })
  }
  writeFileSync(path, text)
  expect(await session.sync()).toMatchObject({ sent: [{ run: 'theirs', state: 'finished' }], kept: [] })
})

test('a late end does not end a run that was continued', async () => {
  const repair = breakServer()
  await runScript('exit0', 'continued')
  const run = await session.init({ ...at, run: 'continued', quiet: true })
  repair()
  await session.sync()
  expect(await session.getRun('continued', at)).toMatchObject({ state: 'running' })
  await run.finish()
})

test('a folder that cannot be written is mentioned once, and the run continues', async () => {
  const { ended, printed } = await runScript('natural', 'unwritable', {
    env: { XDG_STATE_HOME: '/proc/none' },
  })
  expect(ended).toBe(0)
  expect(printed.match(/is not kept on this machine/g)).toHaveLength(1)
  expect(await outcomeOf('unwritable')).toMatchObject({ state: 'finished', values: all })
})
