import { dirname } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { isFileError } from './file-error.ts'
import type { FileSystem } from './file-system.ts'
import { findEntry } from './find-entry.ts'
import type { FlushFolder } from './folder-flusher.ts'

/**
 * Creates a folder and its parents, but never the root: a store that disappeared must not start again empty.
 */
export async function makeFolder(fileSystem: FileSystem, folder: string, root: string): Promise<void> {
  if (folder === root) {
    throw new TrackwayError(
      'store_unavailable',
      `The folder ${root} is gone; mount its disk again, or put the folder back`,
      { retryable: false },
    )
  }
  try {
    await fileSystem.mkdir(folder)
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return
    if (!isFileError(error, 'ENOENT')) throw error
    await makeFolder(fileSystem, dirname(folder), root)
    await makeFolder(fileSystem, folder, root)
  }
}

/** Creates a store's root if it is missing, and makes it durable. */
export async function makeRoot(fileSystem: FileSystem, flush: FlushFolder, root: string): Promise<void> {
  const missing: string[] = []
  let existing = root
  let found = await findEntry(fileSystem, existing)
  while (found === undefined && existing !== dirname(existing)) {
    missing.push(existing)
    existing = dirname(existing)
    found = await findEntry(fileSystem, existing)
  }
  if (found?.isFile()) throw new TrackwayError('store_unsuitable', `${existing} is a file, not a folder`)
  if (missing.length > 0) {
    await makeFolder(fileSystem, root, existing)
    for (const folder of missing) await flush(dirname(folder))
    return
  }
  try {
    // Another process may have just created it. If its parent can't be read, that process has to flush it.
    await flush(dirname(root))
  } catch (error) {
    if (!isFileError(error, 'EACCES', 'EPERM')) throw error
  }
}
