import { isFileError } from './file-error.ts'
import type { FileStats, FileSystem } from './file-system.ts'

/** The stats of the file or folder at a path; undefined if there is none. */
export async function findEntry(fileSystem: FileSystem, path: string): Promise<FileStats | undefined> {
  try {
    return await fileSystem.stat(path)
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
