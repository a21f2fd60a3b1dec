import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, rmdir, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StagedFile, Staging } from '../file-system.ts'
import { fileError, systemCode } from './file-error.ts'
import { fileSource } from './file-source.ts'
import { unsupportedNames } from './unsupported-names.ts'

const taken = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'])
const windows = process.platform === 'win32'

/**
 * A folder beside the target that nobody else may enter, and in it one that has the usual mode and moves to the target
 * at the end.
 */
export async function openStaging(target: string): Promise<Staging> {
  const parent = dirname(target)
  const made = await attempt('Making the folder', parent, () => mkdir(parent, { recursive: true }))
  const root = `${target}.trackway-${randomBytes(6).toString('hex')}`
  const content = join(root, 'content')
  await attempt('Making the folder', root, async () => {
    await mkdir(root, { mode: 0o700 })
    await mkdir(content)
  })
  const folders = new Set<string>()
  const at = (path: string) => join(content, ...path.split('/'))

  return {
    async unsupported(paths) {
      return unsupportedNames(paths, { caseSensitive: await isCaseSensitive(root), windows })
    },
    async makeFolders(paths) {
      for (const path of paths) await makeParents(content, path, folders)
    },
    create: (path, { executable }) => createFile(at(path), executable),
    source: (path) => fileSource(at(path)),
    flush: (path) => flush(at(path)),
    async publish({ overwrite }) {
      if (!windows) for (const folder of [...folders, content]) await flush(folder)
      const moved = await move({ content, target, aside: join(root, 'replaced') }, overwrite)
      if (moved && !windows) await flush(parent)
      return moved
    },
    async discard() {
      await rm(root, { recursive: true, force: true })
      await removeEmptyParents(parent, made)
    },
  }
}

async function attempt<Result>(
  attempted: string,
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error, attempted, path)
  }
}

async function makeParents(content: string, path: string, folders: Set<string>): Promise<void> {
  let folder = content
  for (const segment of path.split('/').slice(0, -1)) {
    folder = join(folder, segment)
    if (folders.has(folder)) continue
    await attempt('Making the folder', folder, async () => {
      try {
        await mkdir(folder)
      } catch (error) {
        // Another spelling of a folder that was made before, on a file system that does not tell them apart.
        if (systemCode(error) !== 'EEXIST') throw error
      }
    })
    folders.add(folder)
  }
}

/** Asks the file system itself: a mount may differ from what the system does elsewhere. */
async function isCaseSensitive(folder: string): Promise<boolean> {
  await attempt('Writing', folder, () => writeFile(join(folder, 'probe'), ''))
  try {
    await stat(join(folder, 'PROBE'))
    return false
  } catch {
    return true
  }
}

/** `wx` makes a file that is new: it neither opens one that is there nor follows a link. */
async function createFile(path: string, executable: boolean): Promise<StagedFile> {
  const handle = await attempt('Writing', path, () => open(path, 'wx', executable ? 0o777 : 0o666))
  return {
    write: (bytes, position) => attempt('Writing', path, () => writeAll(handle, bytes, position)),
    close: () => attempt('Writing', path, () => handle.close()),
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten
  }
}

async function flush(path: string): Promise<void> {
  await attempt('Flushing', path, async () => {
    const handle = await open(path, windows ? 'r+' : 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}

interface Move {
  content: string
  target: string
  aside: string
}

async function move({ content, target, aside }: Move, overwrite: boolean): Promise<boolean> {
  // Windows does not rename over a folder, not even over an empty one.
  if (windows) await rmdir(target).catch(() => {})
  try {
    await rename(content, target)
    return true
  } catch (error) {
    if (!taken.has(systemCode(error) ?? '') && !(windows && systemCode(error) === 'EPERM')) {
      throw fileError(error, 'Moving the download to', target)
    }
  }
  if (!overwrite) return false
  await attempt('Replacing', target, async () => {
    await rename(target, aside)
    try {
      await rename(content, target)
    } catch (error) {
      await rename(aside, target)
      throw error
    }
  })
  return true
}

/** Takes back the folders that were made above the target, from the lowest up to `made`, as far as they are empty. */
async function removeEmptyParents(parent: string, made: string | undefined): Promise<void> {
  if (made === undefined) return
  for (let folder = parent; folder.length >= made.length; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch {
      return // It holds the download, or something of somebody else's.
    }
  }
}
