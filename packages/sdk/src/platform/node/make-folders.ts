import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'

/**
 * Makes a folder and those above it that are missing, and returns the topmost that it made. Node's own `recursive` never
 * ends where a folder that is there takes no folders, such as those of /proc and of automounters.
 */
export async function makeFolders(path: string, mode?: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return path
  } catch (error) {
    if (await isFolder(path)) return undefined
    const parent = dirname(path)
    if (systemCodeOf(error) !== 'ENOENT' || (await isFolder(parent))) throw error
    const above = await makeFolders(parent, mode)
    const own = await makeFolders(path, mode)
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
