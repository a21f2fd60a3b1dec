import type { Spec } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { readMarker } from './asset-marker.ts'
import { assetFolder, type ArtifactAddress } from './assets-directory.ts'
import { findPinned } from './fetch-asset.ts'

/** What is known of an artifact where nobody says which store answers at a host, and whose team is meant. */
export type HostedArtifact = Pick<ArtifactAddress, 'experiment' | 'type' | 'name'> & {
  host: string
  /** Undefined: whichever lies here, if it is only one. */
  team: string | undefined
}

/**
 * The path of what is pinned and was brought here from this host, as it says itself: an assets directory can be taken
 * to another machine, and needs no key. Undefined where that is not here, or might be several.
 */
export async function findAssetOfHost(
  { host, team, ...artifact }: HostedArtifact,
  spec: Spec,
): Promise<string | undefined> {
  const top = fileSystem.assetsDirectory()
  const found: string[] = []
  for (const storeId of await foldersIn(top)) {
    const teams = team === undefined ? await foldersIn(fileSystem.join(top, storeId)) : [team]
    for (const each of teams) {
      const address = { ...artifact, storeId, team: each }
      const asset = await findPinned(address, spec)
      if (asset === undefined) continue
      const marker = await readMarker(assetFolder(address, asset.tag))
      if (marker?.host === host) found.push(asset.path)
    }
  }
  return found.length === 1 ? found[0] : undefined
}

async function foldersIn(path: string): Promise<string[]> {
  if ((await fileSystem.look(path))?.kind !== 'folder') return []
  const items = await fileSystem.list(path)
  return items.filter(({ kind }) => kind === 'folder').map(({ name }) => name)
}
