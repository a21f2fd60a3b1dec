import { expect, test, vi } from 'vitest'
import { backoffMs, isTransientStatus, retryAfterMs } from '../../src/index.ts'

test.each([
  [408, true],
  [425, true],
  [429, true],
  [500, true],
  [503, true],
  [520, true],
  [200, false],
  [404, false],
  [412, false],
  [501, false],
  [505, false],
  [507, false],
  [511, false],
])('a request that got %i may succeed later: %s', (status, isTransient) => {
  expect(isTransientStatus(status)).toBe(isTransient)
})

test('the wait doubles with each failure up to a limit, and half of it is random', () => {
  const policy = { firstDelayMs: 100, maxDelayMs: 1_000 }
  const random = vi.spyOn(Math, 'random').mockReturnValue(0)
  expect([1, 2, 3, 9].map((failures) => backoffMs(policy, failures))).toEqual([50, 100, 200, 500])
  random.mockReturnValue(1)
  expect([1, 2, 3, 9].map((failures) => backoffMs(policy, failures))).toEqual([100, 200, 400, 1_000])
  random.mockRestore()
})

test.each([
  ['3', 3_000],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 4_000],
  ['0', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('an answer with retry-after %s asks to wait for %s ms', (value, ms) => {
  vi.spyOn(Date, 'now').mockReturnValue(6_000)
  expect(retryAfterMs(new Headers(value === undefined ? {} : { 'retry-after': value }))).toBe(ms)
  vi.restoreAllMocks()
})
