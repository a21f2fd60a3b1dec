import { openDirectoryStore } from '@trackway/server/node'
import { describeObjectStore } from '@trackway/server/testing'
import { describe, expect, test } from 'vitest'
import { createCrashFileSystem } from './crash-file-system.ts'
import { createRandom } from './random.ts'

describeObjectStore(
  'a folder in memory',
  async () => ({
    store: await openDirectoryStore('/store', { fileSystem: createCrashFileSystem().fileSystem }),
  }),
  { describe, test },
)

/** Whether a file of three bytes exists after each of many power losses, and how long it is. */
async function lengthsAfter(flush: { file: boolean; folder: boolean }): Promise<Set<number | undefined>> {
  const disk = createCrashFileSystem()
  const file = await disk.fileSystem.open('/a', 'wx')
  await file.writev([new Uint8Array([1, 2, 3])], 0)
  if (flush.file) await file.sync()
  if (flush.folder) await (await disk.fileSystem.open('/', 'r')).sync()
  const lengths = new Set<number | undefined>()
  for (let seed = 0; seed < 60; seed += 1) {
    const { fileSystem } = disk.afterPowerLoss(createRandom(seed))
    lengths.add((await fileSystem.stat('/a').catch(() => undefined))?.size)
  }
  return lengths
}

test('flushed bytes and names survive every power loss', async () => {
  expect(await lengthsAfter({ file: true, folder: true })).toEqual(new Set([3]))
})

test('a name that was not flushed may be gone, and bytes that were not flushed may be any', async () => {
  expect(await lengthsAfter({ file: true, folder: false })).toEqual(new Set([3, undefined]))
  expect(await lengthsAfter({ file: false, folder: true })).toEqual(new Set([0, 1, 2, 3]))
})
