import type { Spec } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { addressFolder, type ArtifactAddress } from './assets-directory.ts'
import { findPinned } from './fetch-asset.ts'

/** What is known of an artifact by those who know neither which store is at an address, nor maybe whose team is meant. */
export type ArtifactAtAddress = Omit<ArtifactAddress, 'storeId' | 'team'> & {
  /** Undefined: any that is here, if it is only one. */
  team: string | undefined
}

/**
 * The path of what is pinned and was brought here from this address: an assets directory can be taken to another machine,
 * and needs no key. Undefined where that is not here, or might be several.
 */
export async function findAssetOfAddress(
  { team, ...artifact }: ArtifactAtAddress,
  spec: Spec,
): Promise<string | undefined> {
  const top = addressFolder(artifact.address)
  const found: string[] = []
  for (const storeId of await foldersIn(top)) {
    const teams = team === undefined ? await foldersIn(fileSystem.join(top, storeId)) : [team]
    for (const each of teams) {
      const asset = await findPinned({ ...artifact, storeId, team: each }, spec)
      if (asset !== undefined) found.push(asset.path)
    }
  }
  return found.length === 1 ? found[0] : undefined
}

async function foldersIn(path: string): Promise<string[]> {
  if ((await fileSystem.look(path))?.kind !== 'folder') return []
  const items = await fileSystem.list(path)
  return items.filter(({ kind }) => kind === 'folder').map(({ name }) => name)
}
