import { join } from 'node:path'
import { comparePaths, tagNumber, TrackwayError, type Digest, type Tag } from '@trackway/protocol'
import type { FolderItem } from '../files/folder-items.ts'
import { markerName, readMarker } from '../folder/asset-marker.ts'
import { assetsDirectory } from '../folder/assets-directory.ts'
import { list } from '../files/files.ts'
import { lastUseOf } from '../files/stored-folders.ts'
import { isStagingName } from '../staging/staging-name.ts'

/** A version in the assets directory. */
export interface Asset {
  /** Where it came from: the URL of a server or a bucket, or the path of a folder. */
  address: string
  /** The ID of the store that it came from. */
  storeId: string
  /** The team that it belongs to. */
  team: string
  /** The experiment of the artifact. */
  experiment: string
  /** The type of the artifact. */
  type: string
  /** The name of the artifact. */
  name: string
  /** The tag of the version. */
  tag: Tag
  /** The digest of the version. */
  digest: Digest
  /** Its folder. */
  folder: string
  /** How many files it has. */
  fileCount: number
  /** The size of all files together in bytes; a file that versions share counts for each of them. */
  size: number
  /** When it was last fetched or found, to within an hour. */
  usedAt: Date
}

/** @internal */
export async function listAssets(): Promise<Asset[]> {
  const assets: Asset[] = []
  for await (const { path, items } of walkAssets(assetsDirectory())) {
    for (const { name, kind } of items) {
      if (kind !== 'folder' || !isTag(name)) continue
      const folder = join(path, name)
      const marker = await readMarker(folder)
      const usedAt = await lastUseOf(join(folder, markerName))
      if (marker === undefined || usedAt === undefined) continue
      const { manifest: _, ...rest } = marker
      assets.push({ ...rest, folder, usedAt: new Date(usedAt) })
    }
  }
  return assets.sort(
    (a, b) => comparePaths(placeOf(a), placeOf(b)) || (tagNumber(a.tag) ?? 0) - (tagNumber(b.tag) ?? 0),
  )
}

function placeOf({ address, storeId, team, experiment, type, name }: Asset): string {
  return [address, storeId, team, experiment, type, name].join('/')
}

/**
 * Folders above versions, with their content. An artifact's name may be a folder of another's.
 *
 * @internal
 */
export async function* walkAssets(path: string): AsyncGenerator<{ path: string; items: FolderItem[] }> {
  const items = await itemsIn(path)
  yield { path, items }
  for (const { name, kind } of items) {
    if (kind !== 'folder' || isTag(name) || isStagingName(name)) continue
    yield* walkAssets(join(path, name))
  }
}

/** Other processes may remove what existed a moment ago. */
async function itemsIn(folder: string): Promise<FolderItem[]> {
  try {
    return await list(folder)
  } catch (error) {
    if (TrackwayError.hasCode(error, 'file_not_found')) return []
    throw error
  }
}

/** Names are case-folded: `v1` is an artifact's folder, `V1` a version's. */
function isTag(name: string): boolean {
  return name.startsWith('V') && tagNumber(name) !== undefined
}
