import { dirname } from 'node:path'
import { isFileError } from './file-error.ts'
import type { FileStats, FileSystem } from './file-system.ts'
import { createFolderFlusher, type FlushFolder } from './folder-flusher.ts'

/** Sees to it that what a store has shown or acknowledged survives a power loss. */
export interface Durability {
  /** Flushes the names in a folder. */
  flush: FlushFolder
  /** Makes an object's name durable whatever is known of it: for one that was just linked. */
  settle(path: string, stats: FileStats): Promise<void>
  /** The same for an object that was found, which another process may have linked but not flushed yet. */
  settleFound(path: string, stats: FileStats): Promise<void>
}

/**
 * How old an object is, by the file system's clock, before its name is taken to be durable because the system writes
 * back by itself (Linux after 5 to 30 seconds). Twice the difference of clocks that a probe accepts.
 */
const recentMs = 10 * 60 * 1000

/** Objects and folders to remember; behind it all are forgotten, which costs a flush each when they are met again. */
const rememberedObjects = 50_000
const rememberedFolders = 10_000

export function createDurability(fileSystem: FileSystem, root: string): Durability {
  const flush = createFolderFlusher((folder) => flushFolder(fileSystem, folder))
  // Recent objects known to be durable, told from others that had the same key by what their inode says.
  const settled = new Map<string, string>()
  // Folders known to be durable in their parents, and these in theirs: it lasts, since no folder is ever removed.
  const durable = new Set<string>([root])

  async function settle(path: string, stats: FileStats): Promise<void> {
    const found: string[] = []
    for (let folder = dirname(path); !durable.has(folder); folder = dirname(folder)) found.push(folder)
    await Promise.all([flush(dirname(path)), ...found.map((folder) => flush(dirname(folder)))])
    if (durable.size > rememberedFolders) durable.clear()
    for (const folder of [root, ...found]) durable.add(folder)
    if (settled.size > rememberedObjects) settled.clear()
    settled.set(path, identify(stats))
  }

  async function settleFound(path: string, stats: FileStats): Promise<void> {
    if (Date.now() - stats.ctimeMs > recentMs || settled.get(path) === identify(stats)) return
    await settle(path, stats)
  }

  return { flush, settle, settleFound }
}

/** Unlike the time of the last change of the inode, both stay when the temporary name goes. */
function identify({ ino, mtimeMs }: FileStats): string {
  return `${ino} ${mtimeMs}`
}

/** A new handle each time: after a flush that failed, the same handle may call lost data flushed. */
async function flushFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  try {
    const handle = await fileSystem.open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Some file systems cannot flush a folder, nor can Windows: their names are durable once they are made.
    const unsupported = isFileError(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')
    if (!unsupported && !(process.platform === 'win32' && isFileError(error, 'EPERM', 'EISDIR'))) throw error
  }
}
