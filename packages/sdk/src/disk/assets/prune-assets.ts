import { tagNumber, TrackwayError } from '@trackway/protocol'
import { checkCall } from '../../calls/calls.ts'
import { listAssets, type Asset } from './list-assets.ts'
import { removeAsset } from './remove-asset.ts'
import { removeLeftovers } from './remove-leftovers.ts'
import { look } from '../files/files.ts'
import { measureFolder } from '../files/stored-folders.ts'

/** What may be removed. At least one of the two rules is required. */
export interface PruneOptions {
  /** Keeps this many of the newest versions of each artifact and removes the others. */
  keep?: number | undefined
  /** Above this many bytes, removes the versions that were not used for the longest time. */
  maxBytes?: number | undefined
  /** Only reports what would be removed. Default: false. */
  dryRun?: boolean | undefined
}

/** The result of pruning. */
export interface PruneResult {
  /** The versions that were removed. */
  removed: Asset[]
  /** Bytes that they took, without files that they shared with versions that are kept. */
  freedBytes: number
  /** Bytes that the kept versions take. */
  remainingBytes: number
}

/** @internal */
export async function pruneAssets(options: PruneOptions): Promise<PruneResult> {
  checkCall('pruneAssets', options)
  const { keep, maxBytes, dryRun = false } = { ...options }
  if (keep === undefined && maxBytes === undefined) {
    const hint = { kind: 'option', options: ['keep', 'maxBytes'] } as const
    throw new TrackwayError('option_invalid', 'Pruning the assets: no rule says what to remove', { hint })
  }
  const usage = await measureAll(await listAssets())
  const assets = [...usage.keys()]
  const staying = new Set(assets)
  const total = countBytes(usage)
  const allBytes = total.bytes
  const drop = (asset: Asset) => {
    staying.delete(asset)
    total.drop(asset)
  }
  if (keep !== undefined) for (const asset of olderThanNewest(assets, keep)) drop(asset)
  for (const asset of byUse(staying)) {
    if (maxBytes === undefined || total.bytes <= maxBytes) break
    drop(asset)
  }
  const removed = assets.filter((asset) => !staying.has(asset))
  if (!dryRun) {
    for (const asset of removed) await removeAsset(asset)
    await removeLeftovers()
  }
  return { removed, freedBytes: allBytes - total.bytes, remainingBytes: total.bytes }
}

/** The versions of each artifact except for the newest ones. */
function olderThanNewest(assets: readonly Asset[], keep: number): Asset[] {
  const artifacts = new Map<string, Asset[]>()
  for (const asset of assets) {
    const { address, storeId, team, experiment, type, name } = asset
    const key = JSON.stringify([address, storeId, team, experiment, type, name])
    artifacts.set(key, [...(artifacts.get(key) ?? []), asset])
  }
  return [...artifacts.values()].flatMap((versions) =>
    versions.sort((a, b) => (tagNumber(b.tag) ?? 0) - (tagNumber(a.tag) ?? 0)).slice(keep),
  )
}

function byUse(assets: Iterable<Asset>): Asset[] {
  return [...assets].sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())
}

type Usage = Map<Asset, { id: string; bytes: number }[]>

async function measureAll(assets: readonly Asset[]): Promise<Usage> {
  const usage: Usage = new Map()
  for (const asset of assets) {
    try {
      usage.set(asset, await measureFolder(asset.folder))
    } catch (error) {
      // Another process may have removed it since.
      if ((await look(asset.folder)) !== undefined) throw error
    }
  }
  return usage
}

/**
 * The size of all files in bytes. A file that several versions share counts once, and is freed with the last
 * of them.
 */
function countBytes(usage: Usage): { readonly bytes: number; drop(asset: Asset): void } {
  const uses = new Map<string, number>()
  let total = 0
  for (const { id, bytes } of [...usage.values()].flat()) {
    const before = uses.get(id) ?? 0
    if (before === 0) total += bytes
    uses.set(id, before + 1)
  }
  return {
    get bytes() {
      return total
    },
    drop(asset) {
      for (const { id, bytes } of usage.get(asset) ?? []) {
        const left = (uses.get(id) ?? 0) - 1
        if (left === 0) total -= bytes
        uses.set(id, left)
      }
    },
  }
}
