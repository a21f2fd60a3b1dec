import { expect, test } from 'vitest'
import { createFolderFlusher } from '../../src/node/directory/folder-flusher.ts'

/** A flusher whose flushes end, or fail, when the test says so. */
function createControlled() {
  const started: { folder: string; end: () => void; fail: () => void }[] = []
  const flush = createFolderFlusher(
    (folder) =>
      new Promise((resolve, reject) => {
        started.push({ folder, end: resolve, fail: () => reject(new Error('no flush')) })
      }),
  )
  return { flush, started }
}

test('callers who arrive during a flush share the next one', async () => {
  const { flush, started } = createControlled()
  const first = flush('a')
  const later = [flush('a'), flush('a'), flush('a')]
  expect(started).toHaveLength(1)
  started[0]?.end()
  await first
  await expect.poll(() => started.length).toBe(2)
  const last = flush('a')
  expect(started).toHaveLength(2)
  started[1]?.end()
  await Promise.all(later)
  await expect.poll(() => started.length).toBe(3)
  started[2]?.end()
  await last
})

test('folders do not wait for each other', () => {
  const { flush, started } = createControlled()
  void flush('a')
  void flush('b')
  expect(started.map(({ folder }) => folder)).toEqual(['a', 'b'])
})

test('a failed flush rejects for the callers who share it, and no others', async () => {
  const { flush, started } = createControlled()
  const first = flush('a')
  const second = flush('a')
  started[0]?.fail()
  await expect(first).rejects.toThrow('no flush')
  await expect.poll(() => started.length).toBe(2)
  started[1]?.end()
  await expect(second).resolves.toBeUndefined()
})
