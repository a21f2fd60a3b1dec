import { randomBytes } from 'node:crypto'
import { lstat, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import type { StoredFolders } from '../file-system.ts'
import { fileError } from './file-error.ts'

/** Work on folders that hold what can be fetched again. */
export const storedFolders: StoredFolders = {
  async usedAt(path) {
    try {
      return (await stat(path)).mtimeMs
    } catch {
      return undefined
    }
  },
  async noteUse(path) {
    const now = new Date()
    await utimes(path, now, now).catch(() => {}) // A folder that may only be read is used nevertheless.
  },
  async remove(folder, top) {
    // Under its name it must not be found half-deleted.
    const away = `${folder}.trackway-${randomBytes(6).toString('hex')}`
    try {
      await rename(folder, away)
      await rm(away, { recursive: true, force: true })
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw fileError(error, 'Removing', folder)
    }
    await removeEmpty(dirname(folder), top)
  },
  async measure(folder) {
    const items = await readdir(folder, { withFileTypes: true, recursive: true })
    const files: { id: string; bytes: number }[] = []
    for (const item of items) {
      if (!item.isFile()) continue
      const { dev, ino, size } = await lstat(join(item.parentPath, item.name), { bigint: true })
      files.push({ id: `${dev} ${ino}`, bytes: Number(size) })
    }
    return files
  },
}

async function removeEmpty(lowest: string, top: string): Promise<void> {
  for (let folder = lowest; folder.length > top.length; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch {
      return
    }
  }
}
