import { TrackwayError } from '@trackway/protocol'
import { isFileError } from './file-error.ts'
import { findEntry } from './find-entry.ts'
import type { FileStats, FileSystem } from './file-system.ts'

/**
 * Gives a temporary file its key's name, if that is free. Otherwise returns the object that has the name;
 * returns undefined if the name is now the file's.
 */
export async function publishObject(
  fileSystem: FileSystem,
  temporary: string,
  path: string,
): Promise<FileStats | undefined> {
  for (;;) {
    try {
      await fileSystem.link(temporary, path)
      return undefined
    } catch (error) {
      // A network file system may lose the reply, retry and then see its own success: the count of names
      // tells.
      if ((await fileSystem.stat(temporary)).nlink === 2) return undefined
      if (!isFileError(error, 'EEXIST')) throw error
    }
    const found = await findEntry(fileSystem, path)
    if (found?.isFile()) return found
    if (found !== undefined) throw new TrackwayError('store_unsuitable', `${path} is not a file`)
    // Deleted in between: the name is free again.
  }
}
