import { dirname } from 'node:path'
import { isFileError } from './file-error.ts'
import type { FileStats, FileSystem } from './file-system.ts'
import { createFolderFlusher, type FlushFolder } from './folder-flusher.ts'

/** Makes sure that what a store has returned or acknowledged survives a power loss. */
export interface Durability {
  /** Flushes the names in a folder. */
  flush: FlushFolder
  /** Makes the name of a newly linked object durable, whatever is known of the key. */
  settle(path: string, stats: FileStats): Promise<void>
  /** The same for an object that was found: another process may have linked it but not flushed it yet. */
  settleFound(path: string, stats: FileStats): Promise<void>
}

/**
 * How old an object is, by the file system's clock, before its name is assumed to be durable because the
 * system writes back by itself (Linux after 5 to 30 seconds). Twice the difference of clocks that a probe
 * accepts.
 */
const recentMs = 10 * 60 * 1000

/** How many objects and folders to remember. After that all are forgotten, which costs a flush for each. */
const rememberedObjects = 50_000
const rememberedFolders = 10_000

export function createDurability(fileSystem: FileSystem, root: string): Durability {
  const flush = createFolderFlusher((folder) => flushFolder(fileSystem, folder))
  // Recent objects known to be durable. The inode distinguishes them from others that had the same key.
  const settled = new Map<string, string>()
  // Folders known to be durable in their parents, and so on upwards: this lasts, since no folder is ever
  // removed.
  const durable = new Set<string>([root])

  async function settle(path: string, stats: FileStats): Promise<void> {
    const found: string[] = []
    for (let folder = dirname(path); !durable.has(folder); folder = dirname(folder)) found.push(folder)
    await Promise.all([
      // Rule: a name is durable once its folder was flushed.
      flush(dirname(path)),
      // Rule: a new folder is durable once its parent was flushed.
      ...found.map((folder) => flush(dirname(folder))),
    ])
    if (durable.size > rememberedFolders) durable.clear()
    for (const folder of [root, ...found]) durable.add(folder)
    if (settled.size > rememberedObjects) settled.clear()
    settled.set(path, identify(stats))
  }

  async function settleFound(path: string, stats: FileStats): Promise<void> {
    // Rule: an object that another process stored is flushed before anyone relies on it.
    if (Date.now() - stats.ctimeMs > recentMs || settled.get(path) === identify(stats)) return
    await settle(path, stats)
  }

  return { flush, settle, settleFound }
}

/** Unlike the inode's change time, both stay the same when the temporary name is removed. */
function identify({ ino, mtimeMs }: FileStats): string {
  return `${ino} ${mtimeMs}`
}

/** A new handle each time: after a failed flush, the same handle may report lost data as flushed. */
async function flushFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  try {
    const handle = await fileSystem.open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Some file systems, and Windows, cannot flush a folder: their names are durable once they are made.
    const unsupported = isFileError(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')
    if (!unsupported && !(process.platform === 'win32' && isFileError(error, 'EPERM', 'EISDIR'))) throw error
  }
}
