import { existsSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test-server.ts'
import { makeFolders } from '../../src/disk/files/make-folders.ts'

test('folders are made while others make the same folders and remove empty ones', async () => {
  const top = await temporaryFolder()
  const path = join(top, 'a/b/c')
  const remove = async () => {
    for (const empty of ['a/b/c', 'a/b', 'a']) await rmdir(join(top, empty)).catch(() => {})
  }
  for (let round = 0; round < 100; round += 1) {
    await Promise.all([makeFolders(path), makeFolders(path), remove(), makeFolders(path)])
    await remove()
  }
  await makeFolders(path)
  expect(existsSync(path)).toBe(true)
})

test('a parent that accepts no folders causes an error', async () => {
  await expect(makeFolders('/proc/trackway/folder')).rejects.toThrow(/ENOENT/)
})
