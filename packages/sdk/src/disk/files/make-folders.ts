import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'

/** How often another process may remove an empty parent before a folder is made in it. */
const attempts = 10

/**
 * Makes a folder and its missing parents, and returns the topmost that it made. Node's own `recursive` never
 * ends if an existing folder accepts no folders, such as those of /proc and of automounters.
 */
export async function makeFolders(
  path: string,
  mode?: number,
  attemptsLeft = attempts,
): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return path
  } catch (error) {
    if (await isFolder(path)) return undefined
    const parent = dirname(path)
    if (systemCodeOf(error) !== 'ENOENT' || parent === path || attemptsLeft === 0) throw error
    const above = await makeFolders(parent, mode)
    const own = await makeFolders(path, mode, attemptsLeft - 1)
    return above ?? own
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
