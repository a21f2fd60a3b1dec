import { digestHex, formatTag, sha256, tagNumber, type Tag } from '@trackway/protocol'
import { fileSystem } from '#platform'

/** Which artifact is meant, of which store. */
export interface ArtifactAddress {
  /** Where the store is reached, as `Connection.address`. */
  address: string
  storeId: string
  team: string
  experiment: string
  type: string
  name: string
}

/** Where the versions of an artifact are. Their origin is part of it, so that the V1s of two origins never meet. */
export function artifactFolder({ address, storeId, team, experiment, type, name }: ArtifactAddress): string {
  // Names are compared without case, so they are folders in one case.
  const segments = [storeId, ...`${team}/${experiment}/${type}/${name}`.toLowerCase().split('/')]
  return segments.reduce((folder, segment) => fileSystem.join(folder, segment), addressFolder(address))
}

/** Where everything is that came from an address: a folder that people can tell, and a hash tells apart. */
export function addressFolder(address: string): string {
  const words =
    address
      .toLowerCase()
      .replace(/^[a-z0-9]+:\/\//, '')
      .match(/[a-z0-9]+/g) ?? []
  const hash = digestHex(sha256(new TextEncoder().encode(address))).slice(0, 12)
  const name = `${words.join('-').slice(-40)}-${hash}`.replace(/^-+/, '')
  return fileSystem.join(fileSystem.assetsDirectory(), name)
}

/** Where a version lies, or would. */
export function assetFolder(artifact: ArtifactAddress, tag: Tag): string {
  return fileSystem.join(artifactFolder(artifact), tag)
}

/** The tags of which something lies in an artifact's folder, the newest first. */
export async function tagsIn(folder: string): Promise<Tag[]> {
  if ((await fileSystem.look(folder))?.kind !== 'folder') return []
  const items = await fileSystem.list(folder)
  return items
    .flatMap(({ name, kind }) => (kind === 'folder' ? [tagNumber(name) ?? 0] : []))
    .filter((number) => number > 0)
    .sort((a, b) => b - a)
    .map(formatTag)
}
