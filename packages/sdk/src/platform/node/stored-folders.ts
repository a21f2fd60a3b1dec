import { randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { lstat, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemCodeOf } from '@trackway/protocol/node'
import type { StoredFolders } from '../file-system.ts'
import { fileError } from './file-error.ts'

/** Operations on folders whose content can be fetched again. */
export const storedFolders: StoredFolders = {
  async usedAt(path) {
    try {
      return (await stat(path)).mtimeMs
    } catch {
      return undefined
    }
  },
  async haveSizes(folder, files) {
    let since = performance.now()
    for (const { path, size } of files) {
      if (!hasSize(join(folder, path), size)) return false
      // Synchronously this takes a fifth of the time. Other work gets a turn in between.
      if (performance.now() - since < mostAtOnceMs) continue
      await nextTurn()
      since = performance.now()
    }
    return true
  },
  async isForeign(folder) {
    if (process.getuid === undefined) return false
    const stats = await stat(folder).catch(() => undefined)
    return stats !== undefined && stats.uid !== 0 && stats.uid !== process.getuid()
  },
  async noteUse(path) {
    const now = new Date()
    await utimes(path, now, now).catch(() => {}) // A read-only folder is used nevertheless.
  },
  async remove(folder, top) {
    // It must not be found half-deleted under its name.
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

/** Milliseconds for which files are inspected without a pause. */
const mostAtOnceMs = 2

function hasSize(path: string, size: number): boolean {
  try {
    const stats = lstatSync(path)
    return stats.isFile() && stats.size === size
  } catch {
    return false
  }
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
