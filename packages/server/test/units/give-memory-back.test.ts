import { expect, test } from 'vitest'
import { giveMemoryBack } from '../../src/node/command/give-memory-back.ts'

const residentMiB = () => process.memoryUsage.rss() / 1024 / 1024

/** Some 150 MiB that nobody needs any longer, held until V8 looks for them only when memory is scarce. */
function leaveGarbage(): void {
  const lists = Array.from({ length: 100_000 }, (_, list) =>
    Array.from({ length: 150 }, (__, item) => list + item / 2),
  )
  expect(lists).toHaveLength(100_000)
}

test('a quiet process gives back what a burst has left, though it asks for no memory', async () => {
  giveMemoryBack(20)
  const before = residentMiB()
  leaveGarbage()
  expect(residentMiB()).toBeGreaterThan(before + 100)
  await expect.poll(residentMiB, { timeout: 4_000, interval: 100 }).toBeLessThan(before + 60)
})
