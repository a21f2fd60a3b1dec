import { openCrew } from '#platform'
import type { FolderItem } from '../files/folder-items.ts'
import type { Crew } from '../../tasks/tasks.ts'
import { list } from '../files/files.ts'

/** From this number of files on, other threads inspect them. */
const manyFiles = 256

/** Lists folders. */
export interface FolderLister {
  list(folder: string): Promise<FolderItem[]>
  release(): void
}

/**
 * Lists folders: in this thread while they are few, in other threads, which also inspect the files, once they
 * are many.
 */
export function createFolderLister(): FolderLister {
  let seen = 0
  let opening: Promise<Crew> | undefined
  let crew: Crew | undefined
  return {
    async list(folder) {
      if (crew !== undefined) return crew.run('listFolder', { folder })
      const items = await list(folder)
      seen += items.length
      if (seen <= manyFiles) return items
      opening ??= openCrew({ bytes: 0, files: Infinity })
      crew = await opening
      return crew.run('listFolder', { folder })
    },
    release: () => crew?.release(),
  }
}
