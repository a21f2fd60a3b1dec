import { join } from 'node:path'
import { localPath } from '@trackway/protocol/node'
import { digestHex, formatTag, sha256, tagNumber, TrackwayError, type Tag } from '@trackway/protocol'
import { userCacheFolder } from '../../platform/node/user-cache.ts'
import { list, look } from '../files/files.ts'

/** Which artifact of which store is meant. */
export interface ArtifactAddress {
  /** Where the store is reached, as `Connection.address`. */
  address: string
  storeId: string
  team: string
  experiment: string
  type: string
  name: string
}

/**
 * The folder of an artifact's versions. It depends on the origin, so that the V1s of two origins never
 * collide.
 */
export function artifactFolder({ address, storeId, team, experiment, type, name }: ArtifactAddress): string {
  // Names are compared without case, so folder names use a single case.
  const segments = [storeId, ...`${team}/${experiment}/${type}/${name}`.toLowerCase().split('/')]
  return segments.reduce((folder, segment) => join(folder, segment), addressFolder(address))
}

/** The folder for everything from one address: a readable name, made unique by a hash. */
export function addressFolder(address: string): string {
  const words =
    address
      .toLowerCase()
      .replace(/^[a-z0-9]+:\/\//, '')
      .match(/[a-z0-9]+/g) ?? []
  const hash = digestHex(sha256(new TextEncoder().encode(address))).slice(0, 12)
  const name = `${words.join('-').slice(-40)}-${hash}`.replace(/^-+/, '')
  return join(assetsDirectory(), name)
}

/** The folder of a version, whether or not it exists. */
export function assetFolder(artifact: ArtifactAddress, tag: Tag): string {
  return join(artifactFolder(artifact), tag)
}

/** The tags with something in an artifact's folder, the newest first. */
export async function tagsIn(folder: string): Promise<Tag[]> {
  if ((await look(folder))?.kind !== 'folder') return []
  const items = await list(folder)
  return items
    .flatMap(({ name, kind }) => (kind === 'folder' ? [tagNumber(name) ?? 0] : []))
    .filter((number) => number > 0)
    .sort((a, b) => b - a)
    .map(formatTag)
}

/** The default location of downloads. */
export function assetsDirectory(): string {
  const chosen = process.env['TRACKWAY_ASSETS_DIR']
  if (chosen?.trim()) return localPath(chosen)
  const cache = userCacheFolder()
  if (cache !== undefined) return join(cache, 'trackway', 'assets')
  throw new TrackwayError(
    'config_invalid',
    'There is no folder for assets, since this user has no home folder; set TRACKWAY_ASSETS_DIR, or pass a folder to download to',
  )
}
