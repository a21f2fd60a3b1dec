import { join } from 'node:path'
import type { Spec } from '@trackway/protocol'
import { addressFolder, type ArtifactAddress } from '../folder/assets-directory.ts'
import { findPinned } from './fetch-asset.ts'
import { list, look } from '../files/files.ts'

/**
 * What is known of an artifact if it is not known which store is at an address, and possibly not which team
 * is meant.
 */
export type ArtifactAtAddress = Omit<ArtifactAddress, 'storeId' | 'team'> & {
  /** Undefined: any team, if only one has it here. */
  team: string | undefined
}

/**
 * The path of a pinned version that was downloaded from this address before: an assets directory can be moved
 * to another machine, and needs no key. Undefined if it is not present or is ambiguous.
 */
export async function findAssetOfAddress(
  { team, ...artifact }: ArtifactAtAddress,
  spec: Spec,
): Promise<string | undefined> {
  const top = addressFolder(artifact.address)
  const found: string[] = []
  for (const storeId of await foldersIn(top)) {
    const teams = team === undefined ? await foldersIn(join(top, storeId)) : [team]
    for (const each of teams) {
      const asset = await findPinned({ ...artifact, storeId, team: each }, spec)
      if (asset !== undefined) found.push(asset.path)
    }
  }
  return found.length === 1 ? found[0] : undefined
}

async function foldersIn(path: string): Promise<string[]> {
  if ((await look(path))?.kind !== 'folder') return []
  const items = await list(path)
  return items.filter(({ kind }) => kind === 'folder').map(({ name }) => name)
}
