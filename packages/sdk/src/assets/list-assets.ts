import { comparePaths, tagNumber, type Digest, type Tag } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { markerName, readMarker } from './asset-marker.ts'

/** A version in the assets directory. */
export interface Asset {
  /** Names the store that it came from. */
  storeId: string
  team: string
  experiment: string
  type: string
  name: string
  tag: Tag
  digest: Digest
  /** Where it lies. */
  folder: string
  files: number
  /** Bytes of all files together; versions that share files count them each. */
  bytes: number
  /** When it was fetched, or found there, the last time; within an hour. */
  usedAt: Date
}

/** The versions that lie whole in the assets directory, of all stores, sorted by where they lie. No server is asked. */
export async function listAssets(): Promise<Asset[]> {
  const assets: Asset[] = []
  for await (const folder of versionFolders(fileSystem.assetsDirectory())) {
    const marker = await readMarker(folder)
    const usedAt = await fileSystem.stored.usedAt(fileSystem.join(folder, markerName))
    if (marker === undefined || usedAt === undefined) continue
    const { manifest: _, ...rest } = marker
    assets.push({ ...rest, folder, usedAt: new Date(usedAt) })
  }
  return assets.sort((a, b) => comparePaths(a.folder, b.folder))
}

/** Folders that have the name of a tag; an artifact's name may be a folder of another's. */
async function* versionFolders(folder: string): AsyncGenerator<string> {
  if ((await fileSystem.look(folder))?.kind !== 'folder') return
  for (const { name, kind } of await fileSystem.list(folder)) {
    if (kind !== 'folder' || fileSystem.isStagingName(name)) continue
    const path = fileSystem.join(folder, name)
    const isVersion = tagNumber(name) !== undefined && name.startsWith('V')
    if (isVersion) yield path
    else yield* versionFolders(path)
  }
}
