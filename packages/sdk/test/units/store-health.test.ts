import { afterEach, expect, test, vi } from 'vitest'
import { createReach, createStoreHealth } from '../../src/client/store-health.ts'

afterEach(() => {
  vi.useRealTimers()
})

const origin = 'https://bucket.test'
const answers = () => Promise.resolve(new Response(null, { status: 403 }))

test('a store that does not respond delays nothing, is given up after five seconds, and is not tried again for five minutes', async () => {
  vi.useFakeTimers()
  const health = createStoreHealth(createReach(() => new Promise(() => {})))
  const reaching = health.reaches(origin)
  await vi.advanceTimersByTimeAsync(300)
  expect(await reaching).toBe(false)
  expect(health.isWell()).toBe(true)
  const again = health.reaches(origin)
  await vi.advanceTimersByTimeAsync(0)
  expect(await again).toBe(false)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(health.isWell()).toBe(false)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(health.isWell()).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('a store is tried once for all callers, whatever it returns, and again after the pause', async () => {
  vi.useFakeTimers()
  const fetch = vi.fn<typeof answers>(answers)
  const reach = createReach(fetch)
  const [one, other] = [createStoreHealth(reach), createStoreHealth(reach)]
  const all = [one.reaches(origin), one.reaches(origin), other.reaches(origin)]
  expect(await Promise.all(all)).toEqual([true, true, true])
  expect(fetch).toHaveBeenCalledTimes(1)
  fetch.mockRejectedValue(new TypeError('fetch failed'))
  expect(await one.reaches('https://away.test')).toBe(false)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  fetch.mockImplementation(answers)
  expect(await one.reaches('https://away.test')).toBe(true)
})

test('a store that never worked is given up at once, and one that worked only after several failures', () => {
  const fresh = createStoreHealth(createReach(answers))
  fresh.failed()
  expect(fresh.isWell()).toBe(false)

  const proven = createStoreHealth(createReach(answers))
  proven.succeeded()
  for (let count = 0; count < 7; count += 1) proven.failed()
  proven.succeeded()
  for (let count = 0; count < 7; count += 1) proven.failed()
  expect(proven.isWell()).toBe(true)
  proven.failed()
  expect(proven.isWell()).toBe(false)
})
