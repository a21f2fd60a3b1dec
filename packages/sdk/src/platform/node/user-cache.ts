import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { homeFolder } from '@trackway/protocol/node'
import type { UserCache } from '../platform.ts'
import { makeFolders } from '../../disk/files/make-folders.ts'

/** How often reading a file counts as a use, at most. */
const useMs = 24 * 60 * 60 * 1000

export const userCache: UserCache = {
  async read(name) {
    const path = cachePath(name)
    if (path === undefined) return undefined
    return attempt(async () => {
      const bytes = await readFile(path)
      await noteUse(path)
      return bytes
    })
  },
  async write(name, pieces) {
    const path = cachePath(name)
    if (path === undefined) return
    const temporary = `${path}.${randomBytes(6).toString('hex')}`
    const written = await attempt(async () => {
      await makeFolders(dirname(path), 0o700)
      const handle = await open(temporary, 'wx', 0o600)
      try {
        for (const piece of pieces) await handle.writeFile(piece)
      } finally {
        await handle.close()
      }
      await rename(temporary, path)
      return true
    })
    if (!written) await attempt(() => rm(temporary, { force: true }))
  },
  async prune(name, olderThanMs) {
    const folder = cachePath(name)
    if (folder === undefined || !(await isDue(join(folder, '.pruned')))) return
    const items = await attempt(() => readdir(folder, { withFileTypes: true, recursive: true }))
    for (const item of items ?? []) {
      if (!item.isFile()) continue
      const path = join(item.parentPath, item.name)
      await attempt(async () => {
        if (Date.now() - (await stat(path)).mtimeMs > olderThanMs) await rm(path)
      })
    }
  },
}

/**
 * XDG_CACHE_HOME or `~/.cache`; LOCALAPPDATA on Windows; `~/Library/Caches` on a Mac. Undefined for a user
 * without a home folder. Relative paths in variables count as unset, as the XDG specification requires.
 */
export function userCacheFolder(): string | undefined {
  if (process.platform === 'win32') return userFolder(process.env['LOCALAPPDATA'], 'AppData', 'Local')
  if (process.platform === 'darwin') return userFolder(undefined, 'Library', 'Caches')
  return userFolder(process.env['XDG_CACHE_HOME'], '.cache')
}

/** The folder that a variable names, otherwise one in the home folder. */
export function userFolder(chosen: string | undefined, ...inHome: string[]): string | undefined {
  if (chosen !== undefined && isAbsolute(chosen)) return chosen
  const home = homeFolder()
  return home === undefined ? undefined : join(home, ...inHome)
}

function cachePath(name: string): string | undefined {
  const folder = userCacheFolder()
  return folder === undefined ? undefined : join(folder, 'trackway', name)
}

/** A folder is searched for old files once a day. */
async function isDue(marker: string): Promise<boolean> {
  const last = await attempt(() => stat(marker))
  if (last !== undefined && Date.now() - last.mtimeMs < useMs) return false
  await attempt(() => writeFile(marker, ''))
  return true
}

async function noteUse(path: string): Promise<void> {
  await attempt(async () => {
    const now = new Date()
    if (now.getTime() - (await stat(path)).mtimeMs > useMs) await utimes(path, now, now)
  })
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch {
    return undefined // As if the cache were empty.
  }
}
