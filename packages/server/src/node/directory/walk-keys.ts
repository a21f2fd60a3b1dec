import { join, resolve } from 'node:path'
import { isKeySegment } from '../../stores/object-key.ts'
import type { ListOptions } from '../../stores/object-store.ts'
import { isFileError } from './file-error.ts'
import type { FileSystem, FolderEntry } from './file-system.ts'
import { isTemporaryName, removeAbandoned } from './temporary-file.ts'

/** What a walk yields: a file's key or, if the walk folds folders, a folder's, which ends with a slash. */
export interface Met {
  key: string
  isFolder: boolean
}

/**
 * The keys below a prefix that follow `after`, in order, reading only the folders that can hold such keys,
 * each when its turn comes. With a delimiter it reads one folder, and yields the names in it.
 */
export async function* walkKeys(
  fileSystem: FileSystem,
  root: string,
  options: ListOptions,
): AsyncGenerator<Met> {
  const start = options.prefix.slice(0, options.prefix.lastIndexOf('/') + 1)
  if (start !== '' && !start.slice(0, -1).split('/').every(isKeySegment)) return
  let entries: Met[]
  try {
    entries = await readFolder(fileSystem, root, start)
  } catch (error) {
    // Nothing was stored below the prefix yet. But if the whole store is gone, that is not an empty listing.
    if (!isFileError(error, 'ENOENT', 'ENOTDIR')) throw error
    await fileSystem.stat(root)
    return
  }
  yield* walkFolder(fileSystem, root, options, entries)
}

async function* walkFolder(
  fileSystem: FileSystem,
  root: string,
  options: ListOptions,
  entries: Met[],
): AsyncGenerator<Met> {
  const { prefix, after = '', delimiter } = options
  for (const entry of entries) {
    if (!entry.key.startsWith(prefix)) continue
    if (!entry.isFolder || delimiter !== undefined) {
      if (entry.key > after) yield entry
    } else if (entry.key > after || after.startsWith(entry.key)) {
      yield* walkFolder(fileSystem, root, options, await readFolder(fileSystem, root, entry.key))
    }
  }
}

/**
 * Whether a folder holds any object, however deep: folders stay when the last of their objects is deleted.
 */
export async function holdsObjects(fileSystem: FileSystem, root: string, folder: string): Promise<boolean> {
  const entries = await readFolder(fileSystem, root, folder)
  if (entries.some((entry) => !entry.isFolder)) return true
  for (const entry of entries) if (await holdsObjects(fileSystem, root, entry.key)) return true
  return false
}

/**
 * The entries of a folder, in the order of keys: a folder's name counts with its slash, so that `a-b` comes
 * before what is in `a`, and `a0` after it. Removes old temporary files that it passes.
 */
async function readFolder(fileSystem: FileSystem, root: string, folder: string): Promise<Met[]> {
  const path = resolve(root, folder)
  const entries: Met[] = []
  for (const entry of await fileSystem.readdir(path)) {
    if (isTemporaryName(entry.name)) await removeAbandoned(fileSystem, join(path, entry.name))
    if (!isKeySegment(entry.name)) continue
    const isFolder = await isFolderEntry(fileSystem, join(path, entry.name), entry)
    entries.push({ key: `${folder}${entry.name}${isFolder ? '/' : ''}`, isFolder })
  }
  return entries.sort((one, other) => (one.key < other.key ? -1 : 1))
}

/** An operator may have moved a folder to another disk and put a symbolic link in its place. */
async function isFolderEntry(fileSystem: FileSystem, path: string, entry: FolderEntry): Promise<boolean> {
  return entry.isSymbolicLink() ? !(await fileSystem.stat(path)).isFile() : entry.isDirectory()
}
