import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import type { FileFacts } from '../files/file-facts.ts'
import type { FolderItem } from '../files/folder-items.ts'
import type { Tasks } from '../../tasks/tasks.ts'
import { factsOf } from '../files/file-facts.ts'
import { fileError } from '../files/file-error.ts'
import { itemOf, itemOfBytes, mayNotBeText } from '../files/folder-items.ts'

export const listFolder: Tasks['listFolder'] = ({ folder }) => {
  try {
    return listItems(folder).map((item) => describe(folder, item))
  } catch (error) {
    throw fileError(error, 'Reading the folder', folder)
  }
}

function listItems(folder: string): FolderItem[] {
  const items = readdirSync(folder, { withFileTypes: true }).map(itemOf)
  if (!items.some(mayNotBeText)) return items
  return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).map(itemOfBytes)
}

function describe(folder: string, item: FolderItem): FolderItem {
  const facts = item.kind === 'file' && item.bytes === undefined ? look(join(folder, item.name)) : undefined
  return facts === undefined ? item : { ...item, facts }
}

/** Undefined if the file was removed, which its next user finds out again. */
function look(path: string): FileFacts | undefined {
  try {
    return factsOf(lstatSync(path, { bigint: true }))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
