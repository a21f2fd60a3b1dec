import type { Dirent } from 'node:fs'
import { TrackwayError } from '@trackway/protocol/content'
import type { FolderItem } from '../file-system.ts'

export function kindOf(item: Dirent): FolderItem['kind'] {
  if (item.isFile()) return 'file'
  if (item.isDirectory()) return 'folder'
  return item.isSymbolicLink() ? 'link' : 'other'
}

/** Throws `path_invalid` where bytes that are no UTF-8 came as U+FFFD, for then no file answers to the name. */
export function checkName(folder: string, name: string, exists: boolean): void {
  if (exists) return
  throw new TrackwayError(
    'path_invalid',
    `The folder ${folder} holds ${JSON.stringify(name)}, a name that is not valid UTF-8; rename it`,
    { details: { folder, name } },
  )
}
