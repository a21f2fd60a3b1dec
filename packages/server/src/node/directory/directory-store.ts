import { dirname, join } from 'node:path'
import { localPath } from '@trackway/protocol/node'
import { checkOptions, other, type KindsOf } from '@trackway/protocol/options'
import { clampRange } from '../../stores/byte-range.ts'
import { drainBytes, isStream } from '../../stores/byte-stream.ts'
import { assertObjectKey } from '../../stores/object-key.ts'
import type {
  ByteRange,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
} from '../../stores/object-store.ts'
import { createDurability, type Durability } from './durability.ts'
import { attempt, isFileError } from './file-error.ts'
import { type FileStats, type FileSystem, nodeFileSystem } from './file-system.ts'
import { findEntry } from './find-entry.ts'
import { listPage } from './list-page.ts'
import { makeRoot } from './make-folder.ts'
import { publishObject } from './publish-object.ts'
import { givePiece, pieceSize, readPieces, readRange } from './read-object.ts'
import { removeTemporary, writeTemporary } from './temporary-file.ts'
import { holdsObjects, walkKeys } from './walk-keys.ts'

/** How a directory store is opened. */
export interface DirectoryStoreOptions {
  /** What is called for every access to files. Default: Node's file system. */
  fileSystem?: FileSystem | undefined
}

const optionKinds = {
  fileSystem: other('a file system', 'nodeFileSystem'),
} satisfies KindsOf<DirectoryStoreOptions>

interface Directory {
  description: string
  root: string
  fileSystem: FileSystem
  durability: Durability
}

/**
 * A store in a folder of a local disk, which any number of processes of the machine may use at once. It is
 * created if it does not exist. A key is the object's path, so that people can look at what they have.
 *
 * An object is written into a temporary file beside its place, flushed, linked to its name, which only one of
 * several writers achieves, and acknowledged once the folder is flushed. Folders are never removed.
 *
 * The file system must have hard links. On one that is shared by several machines, attributes and missing
 * names must not be cached (NFS: `noac,lookupcache=none`), or a reader may miss for seconds what another
 * machine has stored.
 */
export async function openDirectoryStore(
  folder: string,
  given: DirectoryStoreOptions = {},
): Promise<ObjectStore> {
  checkOptions('openDirectoryStore', given, optionKinds)
  const { fileSystem = nodeFileSystem } = given
  const root = localPath(folder)
  const durability = createDurability(fileSystem, root)
  const directory = { description: `the folder ${folder}`, root, fileSystem, durability }
  await attempt(`open ${directory.description}`, () => makeRoot(fileSystem, durability.flush, root))
  return {
    description: directory.description,
    isLocal: true,
    get: (key, range) => getObject(directory, key, range),
    head: (key) => headObject(directory, key),
    putIfAbsent: (key, body) => putObject(directory, key, body),
    list: (options) => listObjects(directory, options),
    delete: (key) => deleteObject(directory, key),
  }
}

/**
 * Reads small objects at once and closes the file. For larger ones, it only checks that the object exists:
 * the body opens the file again when it is read, and then keeps it open, even if the object is deleted
 * meanwhile.
 */
async function getObject(directory: Directory, key: string, range: ByteRange | undefined) {
  const { fileSystem, durability } = directory
  const path = pathOf(directory, key)
  const doing = `read the object ${key} in ${directory.description}`
  return await attempt(doing, async () => {
    const handle = await fileSystem.open(path, 'r').catch((error: unknown) => {
      // Windows refuses to open a folder; other systems reveal a folder below.
      if (isFileError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined
      throw error
    })
    if (handle === undefined) return undefined
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) return undefined
      await durability.settleFound(path, stats)
      const wanted = clampRange(range, stats.size)
      const isSmall = wanted.end - wanted.start <= pieceSize
      const body = isSmall
        ? givePiece(await readRange(handle, wanted))
        : readPieces(fileSystem, { path, doing }, wanted)
      return { ...describe(key, stats), body }
    } finally {
      await handle.close()
    }
  })
}

async function headObject(directory: Directory, key: string): Promise<ObjectInfo | undefined> {
  const path = pathOf(directory, key)
  return await attempt(`look for the object ${key} in ${directory.description}`, async () => {
    const stats = await findEntry(directory.fileSystem, path)
    if (!stats?.isFile()) return undefined
    await directory.durability.settleFound(path, stats)
    return describe(key, stats)
  })
}

async function putObject(directory: Directory, key: string, body: ObjectBody): Promise<boolean> {
  const { fileSystem, durability, root } = directory
  const path = pathOf(directory, key)
  const tryTo = <T>(action: () => Promise<T>) =>
    attempt(`store the object ${key} in ${directory.description}`, action)

  const found = await tryTo(() => findEntry(fileSystem, path))
  if (found?.isFile()) {
    if (isStream(body)) await drainBytes(body)
    await tryTo(() => durability.settleFound(path, found))
    return false
  }
  // Rule: only a complete object gets its name.
  const temporary = await writeTemporary(fileSystem, { path, root, attempt: tryTo }, body)
  return await tryTo(async () => {
    const winner = await publish(fileSystem, temporary.path, path)
    if (winner === undefined) await durability.settle(path, temporary.stats)
    else await durability.settleFound(path, winner)
    return winner === undefined
  })
}

async function publish(fileSystem: FileSystem, temporary: string, path: string) {
  try {
    return await publishObject(fileSystem, temporary, path)
  } finally {
    await removeTemporary(fileSystem, temporary)
  }
}

async function listObjects(directory: Directory, options: ListOptions): Promise<ListPage> {
  const { fileSystem, root } = directory
  const doing = `list ${options.prefix === '' ? 'all' : options.prefix} in ${directory.description}`
  return await attempt(doing, () =>
    listPage(walkKeys(fileSystem, root, options), options.limit ?? 1000, async ({ key, isFolder }) => {
      if (isFolder) return (await holdsObjects(fileSystem, root, key)) || undefined
      const stats = await findEntry(fileSystem, join(root, key))
      return stats?.isFile() ? describe(key, stats) : undefined
    }),
  )
}

async function deleteObject(directory: Directory, key: string): Promise<void> {
  const { fileSystem, durability } = directory
  const path = pathOf(directory, key)
  await attempt(`delete the object ${key} in ${directory.description}`, async () => {
    await unlessAbsent(fileSystem.unlink(path))
    // Also if it was already gone: another process may have removed it without flushing the folder yet.
    await unlessAbsent(durability.flush(dirname(path)))
  })
}

async function unlessAbsent(action: Promise<void>): Promise<void> {
  try {
    await action
  } catch (error) {
    if (!isFileError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}

function pathOf({ root }: Directory, key: string): string {
  assertObjectKey(key)
  return join(root, key)
}

/**
 * The time of the last write of the content: later changes, such as restoring a backup, are not the store's
 * own.
 */
function describe(key: string, { size, mtimeMs }: FileStats): ObjectInfo {
  return { key, size, ageMs: Date.now() - mtimeMs }
}
