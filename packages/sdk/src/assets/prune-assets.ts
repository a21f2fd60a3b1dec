import { tagNumber, TrackwayError } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { listAssets, type Asset } from './list-assets.ts'

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
 * Removes versions from the assets directory that the rules do not keep, and what downloads left behind that broke off.
 * The stores keep them all: whatever went is fetched again when it is asked for. Throws `option_invalid`.
 */
export async function pruneAssets({ keep, maxBytes, dryRun = false }: PruneOptions): Promise<PruneResult> {
  check('keep', keep)
  check('maxBytes', maxBytes)
  if (keep === undefined && maxBytes === undefined) {
    throw new TrackwayError('option_invalid', 'Pruning the assets needs { keep }, { maxBytes } or both')
  }
  const assets = await listAssets()
  const usage = await measureAll(assets)
  const staying = new Set(assets)
  if (keep !== undefined) for (const asset of olderThanNewest(assets, keep)) staying.delete(asset)
  const bytesOf = (some: Iterable<Asset>) => uniqueBytes(some, usage)
  for (const asset of byUse(staying)) {
    if (maxBytes === undefined || bytesOf(staying) <= maxBytes) break
    staying.delete(asset)
  }
  const removed = assets.filter((asset) => !staying.has(asset))
  const remainingBytes = bytesOf(staying)
  const freedBytes = bytesOf(assets) - remainingBytes
  if (!dryRun) {
    for (const { folder } of removed) await fileSystem.stored.remove(folder, fileSystem.assetsDirectory())
    await removeLeftovers(fileSystem.assetsDirectory())
  }
  return { removed, freedBytes, remainingBytes }
}

function check(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return
  throw new TrackwayError(
    'option_invalid',
    `Pruning the assets: { ${name}: ${value} } is no whole number from 0 on`,
  )
}

/** The versions of each artifact but for the newest ones. */
function olderThanNewest(assets: readonly Asset[], keep: number): Asset[] {
  const artifacts = new Map<string, Asset[]>()
  for (const asset of assets) {
    const { storeId, team, experiment, type, name } = asset
    const key = JSON.stringify([storeId, team, experiment, type, name])
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
  for (const asset of assets) usage.set(asset, await fileSystem.stored.measure(asset.folder))
  return usage
}

/** A file that several versions share is there once. */
function uniqueBytes(assets: Iterable<Asset>, usage: Usage): number {
  const files = new Map<string, number>()
  for (const asset of assets) for (const { id, bytes } of usage.get(asset) ?? []) files.set(id, bytes)
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
}

async function removeLeftovers(folder: string): Promise<void> {
  if ((await fileSystem.look(folder))?.kind !== 'folder') return
  await fileSystem.stored.removeAbandoned(folder)
  for (const { name, kind } of await fileSystem.list(folder)) {
    if (kind !== 'folder' || fileSystem.isStagingName(name)) continue
    if (tagNumber(name) === undefined) await removeLeftovers(fileSystem.join(folder, name))
  }
}
