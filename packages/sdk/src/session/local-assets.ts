// The assets directory, which needs no session.
import type { Asset } from '../disk/assets/list-assets.ts'
import type { PruneOptions, PruneResult } from '../disk/assets/prune-assets.ts'
import type { RemoveAssetOptions } from '../disk/assets/remove-asset.ts'
import { loadDisk } from '../parts/load.ts'

/**
 * The complete versions in the assets directory, of all stores: sorted by address, store, team, experiment,
 * type and name, the oldest version of each first. No request is sent.
 */
export async function listAssets(): Promise<Asset[]> {
  const disk = await loadDisk()
  return disk.listAssets()
}

/**
 * Removes a version from the assets directory: one from the list, or the one that a spec such as
 * `dataset/sample:V2` names. The store keeps it. Throws `not_found`, `option_invalid` if several versions
 * match.
 */
export async function removeAsset(asset: Asset | string, options?: RemoveAssetOptions): Promise<void> {
  const disk = await loadDisk()
  return disk.removeAsset(asset, options)
}

/**
 * Removes versions that the rules do not keep from the assets directory, and the leftovers of downloads that
 * were interrupted more than a day ago. The stores keep all versions: a removed one is fetched again when it
 * is requested. Throws `option_invalid`.
 */
export async function pruneAssets(options: PruneOptions): Promise<PruneResult> {
  const disk = await loadDisk()
  return disk.pruneAssets(options)
}
