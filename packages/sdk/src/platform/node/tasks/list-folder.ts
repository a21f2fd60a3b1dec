import { lstatSync, readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import type { FileFacts, FolderItem } from '../../file-system.ts'
import type { Tasks } from '../../tasks.ts'
import { factsOf } from '../file-facts.ts'
import { fileError } from '../file-error.ts'
import { checkName, kindOf } from '../folder-items.ts'

export const listFolder: Tasks['listFolder'] = ({ folder }) => {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((item) => describe(folder, item))
  } catch (error) {
    throw fileError(error, 'Reading the folder', folder)
  }
}

function describe(folder: string, item: Dirent): FolderItem {
  const { name } = item
  const kind = kindOf(item)
  if (name.includes('\uFFFD')) checkName(folder, name, exists(folder, name))
  const facts = kind === 'file' ? look(join(folder, name)) : undefined
  return facts === undefined ? { name, kind } : { name, kind, facts }
}

function exists(folder: string, name: string): boolean {
  return lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined
}

/** Undefined where the file went away, which whoever needs it finds out again. */
function look(path: string): FileFacts | undefined {
  try {
    return factsOf(lstatSync(path, { bigint: true }))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
