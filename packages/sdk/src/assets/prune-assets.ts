import { tagNumber, TrackwayError } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { checkCall } from '../calls/calls.ts'
import { listAssets, type Asset } from './list-assets.ts'
import { removeAsset } from './remove-asset.ts'
import { removeLeftovers } from './remove-leftovers.ts'

/** What may go. At least one of the two rules has to be given. */
export interface PruneOptions {
  /** Of each artifact, so many of the newest versions stay; the others go. */
  keep?: number | undefined
  /** Beyond so many bytes, the versions go that were not used for the longest time. */
  maxBytes?: number | undefined
  /** Only says what would go. Default: false. */
  dryRun?: boolean | undefined
}

/** What a pruning came to. */
export interface PruneResult {
  /** The versions that went. */
  removed: Asset[]
  /** Bytes that they took, without files that they shared with versions that stay. */
  freedBytes: number
  /** Bytes that the versions take that stay. */
  remainingBytes: number
}

/**
 * Removes versions from the assets directory that the rules do not keep, and what downloads left behind that broke off
 * more than a day ago. The stores keep them all: whatever went is fetched again when it is asked for.
 * Throws `option_invalid`.
 */
export async function pruneAssets(options: PruneOptions): Promise<PruneResult> {
  checkCall('pruneAssets', options)
  const { keep, maxBytes, dryRun = false } = { ...options }
  if (keep === undefined && maxBytes === undefined) {
    const hint = { kind: 'option', options: ['keep', 'maxBytes'] } as const
    throw new TrackwayError('option_invalid', 'Pruning the assets: no rule says what may go', { hint })
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

/** The versions of each artifact but for the newest ones. */
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
      usage.set(asset, await fileSystem.stored.measure(asset.folder))
    } catch (error) {
      // Somebody else may have removed it since.
      if ((await fileSystem.look(asset.folder)) !== undefined) throw error
    }
  }
  return usage
}

/** Bytes of all files, of which one that several versions share is there once, and goes with the last of them. */
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
