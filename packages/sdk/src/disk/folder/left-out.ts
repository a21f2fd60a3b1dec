import { basename, join } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { markerName, readMarker } from './asset-marker.ts'
import type { FolderItem } from '../files/folder-items.ts'
import { gatherBytes } from '../../content/byte-pieces.ts'
import { readContent } from '../../content/content-source.ts'
import { ignoreFile } from './ignore-files.ts'
import { fileSource } from '../files/file-source.ts'
import { look } from '../files/files.ts'
import { isStagingName } from '../staging/staging-name.ts'

const storeFile = 'format.json'
/** Bytes. A store's own format.json is far smaller. */
const largestStoreFile = 64 * 1024

/**
 * Whether something is left out of an added folder because of its name, unless a pattern includes it: git's
 * history, a store, a download in progress, a file system's own files at the top of a disk.
 */
export function isLeftOut(item: Pick<FolderItem, 'name' | 'kind'>): boolean {
  return item.name === '.git' || item.name === '.trackway' || isKept(item)
}

/**
 * Whether something in the target of a download is not content: a download in progress, or the file system's
 * own files.
 */
export function isKept({ name, kind }: Pick<FolderItem, 'name' | 'kind'>): boolean {
  if (kind === 'file') return false
  return isStagingName(name) || (kind === 'folder' && name === 'lost+found')
}

/**
 * Names of files that are never data: a folder's ignore file, and the marker of a complete fetched version.
 */
export async function ownNames(folder: string, items: readonly FolderItem[]): Promise<Set<string>> {
  const names = new Set([ignoreFile])
  const mayBeMarked = items.some(({ name, kind }) => name === markerName && kind === 'file')
  if (mayBeMarked && (await readMarker(folder)) !== undefined) names.add(markerName)
  return names
}

/** Whether a folder is a Trackway store, whatever its name. */
export async function isStore(folder: string, items: readonly FolderItem[]): Promise<boolean> {
  return items.some(({ name, kind }) => name === storeFile && kind === 'file') && (await hasStoreFile(folder))
}

async function hasStoreFile(folder: string): Promise<boolean> {
  const path = join(folder, storeFile)
  const facts = await look(path)
  if (facts?.kind !== 'file' || facts.size > largestStoreFile) return false
  try {
    const text = new TextDecoder().decode(await gatherBytes(readContent(fileSource(path))))
    // Otherwise it throws, or has neither.
    const { formatVersion, storeId } = JSON.parse(text) as Record<string, unknown>
    return typeof formatVersion === 'number' && typeof storeId === 'string'
  } catch {
    return false
  }
}

/** Refuses a folder that is a store, or in which a store keeps its data. Throws `file_unsupported`. */
export async function refuseStore(folder: string, realPath: string): Promise<void> {
  let below: string | undefined
  for (let above = realPath, last = ''; above !== last; above = join(above, '..')) {
    last = above
    const isData = below === undefined || ['t', 'auth', 'features'].includes(below)
    if (isData && (await hasStoreFile(above))) {
      const what = below === undefined ? 'is a Trackway store' : `is part of the Trackway store ${above}`
      throw new TrackwayError(
        'file_unsupported',
        `The folder ${folder} ${what}; name the folder that holds your data`,
        {
          details: { path: folder, store: above },
        },
      )
    }
    below = basename(above)
  }
}
