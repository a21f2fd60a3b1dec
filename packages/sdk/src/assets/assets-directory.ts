import { tagNumber, formatTag, type Tag } from '@trackway/protocol'
import { fileSystem } from '#platform'

/** Which artifact is meant, of which store. */
export interface ArtifactAddress {
  storeId: string
  team: string
  experiment: string
  type: string
  name: string
}

/** Where the versions of an artifact lie. The store is part of it, so that two stores' V1 never meet. */
export function artifactFolder({ storeId, team, experiment, type, name }: ArtifactAddress): string {
  // Names are compared without case, so they are folders in one case.
  const segments = [storeId, ...`${team}/${experiment}/${type}/${name}`.toLowerCase().split('/')]
  return segments.reduce((folder, segment) => fileSystem.join(folder, segment), fileSystem.assetsDirectory())
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
