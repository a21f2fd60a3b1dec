import { afterEach, expect, test, vi } from 'vitest'
import { createStoreHealth } from './store-health.ts'

afterEach(() => {
  vi.useRealTimers()
})

const origin = 'https://bucket.test'
const answers = () => Promise.resolve(new Response(null, { status: 403 }))

test('a store that does not answer is given up after five seconds, and left alone for five minutes', async () => {
  vi.useFakeTimers()
  const health = createStoreHealth(() => new Promise(() => {}))
  const reaching = health.reaches(origin)
  await vi.advanceTimersByTimeAsync(4_900)
  expect(health.isWell()).toBe(true)
  await vi.advanceTimersByTimeAsync(200)
  expect(await reaching).toBe(false)
  expect(health.isWell()).toBe(false)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(health.isWell()).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('a store is asked once, whatever it answers', async () => {
  const fetch = vi.fn<typeof answers>(answers)
  const health = createStoreHealth(fetch)
  expect(await Promise.all([health.reaches(origin), health.reaches(origin)])).toEqual([true, true])
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('a store at which nothing succeeds is given up at once, and one that worked after several failures', () => {
  const fresh = createStoreHealth(answers)
  fresh.failed()
  expect(fresh.isWell()).toBe(false)

  const proven = createStoreHealth(answers)
  proven.succeeded()
  for (let count = 0; count < 7; count += 1) proven.failed()
  proven.succeeded()
  for (let count = 0; count < 7; count += 1) proven.failed()
  expect(proven.isWell()).toBe(true)
  proven.failed()
  expect(proven.isWell()).toBe(false)
})
