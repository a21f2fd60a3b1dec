import { chmod, lstat, mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import { fileError } from '../files/file-error.ts'
import { flushFile, flushFiles, flushFolder } from '../files/flush-files.ts'
import { makeFolders } from '../files/make-folders.ts'
import { moveChildren } from './move-children.ts'
import { replaceTarget } from './replace-target.ts'
import { takeFolder } from './staging-owner.ts'
import { findWay } from './target.ts'
import { unsupportedNames } from './unsupported-names.ts'

/**
 * A private folder beside a target, which replaces the target once it is complete; inside the target if that
 * cannot be replaced. It may contain what an earlier download to this target left, in any state.
 */
export interface Staging {
  /** Which of these paths the target cannot hold, and why. */
  unsupported(paths: readonly string[]): Promise<{ path: string; reason: string }[]>
  /** The paths of files that an earlier download left. */
  leftover(): Promise<string[]>
  /** The local path of the file for a path. */
  localPath(path: string): string
  /** Removes whatever is at a path. */
  remove(path: string): Promise<void>
  /** Makes the folders that files of these paths need. */
  makeFolders(paths: readonly string[]): Promise<void>
  /** Creates a file, which must not exist, for parts to be written into. `size` is in bytes. */
  create(path: string, options: { executable: boolean; size: number }): Promise<void>
  /** Writes a small text file, and flushes it. */
  write(path: string, text: string): Promise<void>
  /** Makes a complete file read-only. */
  protect(path: string, options: { executable: boolean }): Promise<void>
  /** Makes sure that files would survive a power loss. */
  flush(paths: readonly string[]): Promise<void>
  /**
   * Moves the folder to its target. Returns false if the target exists, unless it is an empty folder or
   * `overwrite` is set.
   */
  publish(options: { overwrite: boolean }): Promise<boolean>
  /** Leaves the content for the next download to this target, and returns its path and its size in bytes. */
  leave(): Promise<{ path: string; bytes: number }>
  /** Removes what is left. Returns why a part of it remains; undefined if nothing does. */
  discard(): Promise<string | undefined>
}

const windows = process.platform === 'win32'

/**
 * A folder beside the target that only this user may enter, and in it one with the usual mode that moves to
 * the target at the end. If the target cannot be replaced, the folder is inside it, and its children move.
 * The leftovers of an interrupted download are taken over. Throws if existing content cannot be replaced
 * although it has to be.
 */
export async function openStaging(target: string, options: { replaces: boolean }): Promise<Staging> {
  const way = await findWay(target, options)
  const parent = dirname(target)
  const made = await attempt('Making the folder', parent, () => makeFolders(parent))
  const owned = await attempt('Writing to the folder', way === 'inside' ? target : parent, () =>
    takeFolder(target, way),
  )
  const root = owned.path
  const content = join(root, 'content')
  await attempt('Making the folder', content, async () => {
    await restore(join(root, 'replaced'), target)
    await removeLinks(content)
    await mkdir(content, { recursive: true })
  })
  const folders = new Set<string>()
  const at = (path: string) => join(content, ...path.split('/'))

  return {
    async unsupported(paths) {
      return unsupportedNames(paths, { caseSensitive: await isCaseSensitive(root), windows })
    },
    leftover: () => attempt('Reading', content, () => listFiles(content)),
    localPath: at,
    remove: (path) => attempt('Removing', at(path), () => rm(at(path), { recursive: true, force: true })),
    async makeFolders(paths) {
      for (const path of paths) await makeParents(content, path, folders)
    },
    create: (path, file) => createFile(at(path), file),
    async write(path, text) {
      await attempt('Writing', at(path), () => writeFile(at(path), text))
      await flushFile(at(path))
    },
    async protect(path, { executable }) {
      // It only guards against mistakes: a file system without permissions, like some network drives, works
      // without.
      if (!windows) await chmod(at(path), executable ? 0o555 : 0o444).catch(() => {})
    },
    flush: (paths) => flushFiles(content, paths.map(at)),
    async publish({ overwrite }) {
      for (const folder of [...folders, content]) await flushFolder(folder)
      const moved = await attempt('Moving the download to', target, () =>
        way === 'inside' ? moveChildren(root, target, overwrite) : replaceTarget(root, target, overwrite),
      )
      if (moved) await flushFolder(way === 'inside' ? target : parent)
      return moved
    },
    async leave() {
      await owned.leave()
      return { path: root, bytes: await usedBytes(root) }
    },
    async discard() {
      owned.end()
      const left = await rm(root, { recursive: true, force: true }).then(
        () => undefined,
        (error: unknown) => fileError(error, 'Removing', root).message,
      )
      await removeEmptyParents(parent, made)
      return left
    },
  }
}

/** Restores what an interrupted process had moved aside without putting something in its place. */
async function restore(aside: string, target: string): Promise<void> {
  const [kept, standing] = await Promise.all(
    [aside, target].map((path) => lstat(path).catch(() => undefined)),
  )
  if (kept !== undefined && standing === undefined) await rename(aside, target)
  else await rm(aside, { recursive: true, force: true })
}

/**
 * Removes everything that is not a file or folder, and also the folder itself if it is not one: nothing may
 * be written through a link.
 */
async function removeLinks(folder: string): Promise<void> {
  const stats = await lstat(folder).catch(() => undefined)
  if (stats === undefined) return
  if (!stats.isDirectory()) return rm(folder)
  const items = await readdir(folder, { withFileTypes: true, recursive: true })
  for (const item of items)
    if (!item.isDirectory() && !item.isFile()) await rm(join(item.parentPath, item.name))
}

/** Everything below a folder except folders, as the paths of entries. */
async function listFiles(folder: string): Promise<string[]> {
  const items = await readdir(folder, { withFileTypes: true, recursive: true })
  return items
    .filter((item) => !item.isDirectory())
    .map((item) => relative(folder, join(item.parentPath, item.name)).split(sep).join('/'))
}

/** Bytes that the files below a folder take on the disk; unwritten parts take none. */
async function usedBytes(folder: string): Promise<number> {
  let bytes = 0
  for (const path of await listFiles(folder).catch(() => [])) {
    const stats = await lstat(join(folder, path)).catch(() => undefined)
    bytes += Math.min(stats?.size ?? 0, 512 * (stats?.blocks ?? 0))
  }
  return bytes
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
        // Another spelling of a folder that was made before, on a file system that does not distinguish them.
        if (systemCodeOf(error) !== 'EEXIST') throw error
      }
    })
    folders.add(folder)
  }
}

/** Tests the file system itself: a mount may differ from what the system usually does. */
async function isCaseSensitive(folder: string): Promise<boolean> {
  await attempt('Writing', folder, () => writeFile(join(folder, 'probe'), ''))
  try {
    await stat(join(folder, 'PROBE'))
    return false
  } catch {
    return true
  }
}

/** `wx` creates a new file: it neither opens an existing one nor follows a link. */
async function createFile(
  path: string,
  { executable, size }: { executable: boolean; size: number },
): Promise<void> {
  await attempt('Writing', path, async () => {
    const handle = await open(path, 'wx', executable ? 0o777 : 0o666)
    try {
      // A disk that is too small reports that at the first byte that does not fit; the length alone takes no
      // space.
      await handle.truncate(size)
    } finally {
      await handle.close()
    }
  })
}

/**
 * Removes the folders that were made above the target, from the lowest up to `made`, as far as they are
 * empty.
 */
async function removeEmptyParents(parent: string, made: string | undefined): Promise<void> {
  if (made === undefined) return
  for (let folder = parent; folder.length >= made.length; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch {
      return // It contains the download, or somebody else's data.
    }
  }
}
