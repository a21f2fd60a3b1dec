import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { isStream, piecesOf } from '../../stores/byte-stream.ts'
import type { ObjectBody } from '../../stores/object-store.ts'
import { isFileError } from './file-error.ts'
import type { FileStats, FileSystem, OpenFile } from './file-system.ts'
import { makeFolder } from './make-folder.ts'

/** Bytes that are written and flushed, but do not have a key yet. */
export interface TemporaryFile {
  path: string
  stats: FileStats
}

type Attempt = <T>(action: () => Promise<T>) => Promise<T>

/** No write takes this long: older files were left by a writer that was killed. */
const abandonedMs = 24 * 60 * 60 * 1000

/** Whether a name in a folder is a temporary file's: it begins with a character that no key has. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('~')
}

/**
 * Writes a body into a new file in the folder of `target`, where it can be linked from, and flushes it.
 * File-system failures go through `attempt`; what the body throws is passed through. If either fails, the
 * file is removed.
 */
export async function writeTemporary(
  fileSystem: FileSystem,
  target: { path: string; root: string; attempt: Attempt },
  body: ObjectBody,
): Promise<TemporaryFile> {
  const path = join(dirname(target.path), `~${randomUUID()}`)
  const file = await target.attempt(() => create(fileSystem, path, target.root))
  try {
    if (isStream(body)) {
      let position = 0
      for await (const piece of body) {
        await target.attempt(() => writeAll(file, [piece], position))
        position += piece.length
      }
    } else {
      await target.attempt(() => writeAll(file, piecesOf(body), 0))
    }
    return await target.attempt(async () => {
      // Rule: an object is flushed before it gets its name.
      await file.sync()
      const stats = await file.stat()
      await file.close()
      return { path, stats }
    })
  } catch (error) {
    await file.close().catch(() => undefined)
    await removeTemporary(fileSystem, path)
    throw error
  }
}

/** Tries to remove a temporary file: a listing will remove what stays, a day later. */
export async function removeTemporary(fileSystem: FileSystem, path: string): Promise<void> {
  await fileSystem.unlink(path).catch(() => undefined)
}

/** Removes a temporary file whose writer is long gone. No caller depends on it, so it may fail. */
export async function removeAbandoned(fileSystem: FileSystem, path: string): Promise<void> {
  const stats = await fileSystem.stat(path).catch(() => undefined)
  if (stats !== undefined && Date.now() - stats.mtimeMs > abandonedMs) await removeTemporary(fileSystem, path)
}

async function create(fileSystem: FileSystem, path: string, root: string): Promise<OpenFile> {
  try {
    return await fileSystem.open(path, 'wx')
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
    await makeFolder(fileSystem, dirname(path), root)
    return await fileSystem.open(path, 'wx')
  }
}

/** The most buffers that a system writes in one call (IOV_MAX). */
const piecesAtOnce = 1024

async function writeAll(file: OpenFile, pieces: readonly Uint8Array[], start: number): Promise<void> {
  let position = start
  let left = pieces.filter((piece) => piece.length > 0)
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left.slice(0, piecesAtOnce), position)
    position += bytesWritten
    left = behind(left, bytesWritten)
  }
}

/** The rest of the pieces after this many bytes are written. */
function behind(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let done = count
  let index = 0
  for (let piece = pieces[index]; piece !== undefined && piece.length <= done; piece = pieces[index]) {
    done -= piece.length
    index += 1
  }
  const [first, ...rest] = pieces.slice(index)
  return first === undefined ? [] : [first.subarray(done), ...rest]
}
