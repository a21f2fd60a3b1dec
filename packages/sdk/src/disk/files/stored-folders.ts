import { randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { lstat, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemCodeOf } from '@trackway/protocol/node'
import { fileError } from './file-error.ts'

/** When a file was last used, in milliseconds since 1970; undefined if it does not exist. */
export async function lastUseOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    return undefined
  }
}

/** Records that a file is used now. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => {}) // A read-only folder is used nevertheless.
}

/** Whether a folder has files of these paths and sizes. Reads no content. */
export async function haveSizes(
  folder: string,
  files: Iterable<{ path: string; size: number }>,
): Promise<boolean> {
  let since = performance.now()
  for (const { path, size } of files) {
    if (!hasSize(join(folder, path), size)) return false
    // Synchronously this takes a fifth of the time. Other work gets a turn in between.
    if (performance.now() - since < mostAtOnceMs) continue
    await nextTurn()
    since = performance.now()
  }
  return true
}

/** Whether a folder belongs to a user other than this one and root. */
export async function isForeign(folder: string): Promise<boolean> {
  if (process.getuid === undefined) return false
  const stats = await stat(folder).catch(() => undefined)
  return stats !== undefined && stats.uid !== 0 && stats.uid !== process.getuid()
}

/** Removes a folder, which vanishes at once, and its parents that are empty then, up to `top`. */
export async function removeFolder(folder: string, top: string): Promise<void> {
  // It must not be found half-deleted under its name.
  const away = `${folder}.trackway-${randomBytes(6).toString('hex')}`
  try {
    await rename(folder, away)
    await rm(away, { recursive: true, force: true })
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw fileError(error, 'Removing', folder)
  }
  await removeEmpty(dirname(folder), top)
}

/** The files below a folder: the identity of each, whatever its names, and its size in bytes. */
export async function measureFolder(folder: string): Promise<{ id: string; bytes: number }[]> {
  const items = await readdir(folder, { withFileTypes: true, recursive: true })
  const files: { id: string; bytes: number }[] = []
  for (const item of items) {
    if (!item.isFile()) continue
    const { dev, ino, size } = await lstat(join(item.parentPath, item.name), { bigint: true })
    files.push({ id: `${dev} ${ino}`, bytes: Number(size) })
  }
  return files
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
