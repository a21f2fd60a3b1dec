import { TrackwayError } from '@trackway/protocol'
import { expect, test } from 'vitest'
import * as mockServer from '../src/index.ts'

const mock = mockServer.createMock()

/**
 * Every function of the package, and of a mock, with a call that passes these options instead of valid ones.
 */
const calls = {
  createMock: (options: object) => mockServer.createMock(options),
  startMockServer: (options: object) => mockServer.startMockServer(options),
  trackwayHandlers: 'takes no options',
} satisfies Record<keyof typeof mockServer, unknown>
const ofMock = {
  seed: (place: object) => mock.seed({ 'dataset/sample': { a: '1' } }, place),
  fetch: 'takes no options',
  reset: 'takes no options',
} satisfies Record<Exclude<keyof mockServer.Mock, 'apiKey' | 'faults' | 'requests' | 'url'>, unknown>
const ofFaults = {
  add: (options: object) => mock.faults.add({ status: 503, ...options }),
  clear: 'takes no options',
} satisfies Record<Exclude<keyof mockServer.Faults, 'unused'>, unknown>

/** The message of a refusal. */
async function refusalOf(call: () => unknown): Promise<string> {
  const thrown: unknown = await (async () => call())().then(
    () => 'it was taken',
    (error: unknown) => error,
  )
  if (!TrackwayError.isInstance(thrown)) throw new Error(`No TrackwayError: ${String(thrown)}`)
  expect(thrown.code).toBe('option_invalid')
  return thrown.message
}

test('every function of the mock that takes options refuses an unknown one by name', async () => {
  for (const call of Object.values<unknown>({ ...calls, ...ofMock, ...ofFaults })) {
    if (typeof call === 'function')
      expect(await refusalOf(() => call({ nonsense: 1 }))).toContain("unknown option 'nonsense'; it takes ")
  }
  expect(await refusalOf(() => mock.faults.add({ stauts: 503 } as never))).toContain('did you mean status?')
  expect(await refusalOf(() => mockServer.createMock({ apikey: 'x' } as object))).toContain(
    'did you mean apiKey?',
  )
})

test('options of the mock must be of the right kind', async () => {
  expect(await refusalOf(() => mockServer.createMock('http://x' as never))).toContain('have to be an object')
  expect(await refusalOf(() => mockServer.startMockServer({ port: '0' } as object))).toContain(
    '{ port } has to be',
  )
  expect(await refusalOf(() => mock.seed(null as never))).toContain('seed takes artifacts')
  expect(await refusalOf(() => mock.seed({ 'dataset/a': { a: 5 } } as never))).toContain('as texts or bytes')
  expect(await refusalOf(() => mock.faults.add(null as never))).toContain('have to be an object')
  expect(await refusalOf(() => mock.faults.add({ delayMs: '5' } as never))).toContain('{ delayMs } has to be')
})

test('an undefined fault is ignored', () => {
  const faults = mockServer.createMock().faults
  faults.add({ status: undefined, drop: 'before', times: undefined } as never)
  expect(faults.unused).toEqual([{ drop: 'before' }])
})
