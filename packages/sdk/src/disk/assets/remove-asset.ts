import { basename } from 'node:path'
import { foldName, formatSpec, parseSpec, parseTag, tagNumber, TrackwayError } from '@trackway/protocol'
import { checkCall } from '../../calls/calls.ts'
import { listAssets, type Asset } from './list-assets.ts'
import { assetsDirectory } from '../folder/assets-directory.ts'
import { absolute, isWithin } from '../files/files.ts'
import { removeFolder } from '../files/stored-folders.ts'

/** Which origin, team or experiment is meant, if several have the version. */
export interface RemoveAssetOptions {
  /** Where it came from, as `listAssets` reports it. Default: any. */
  address?: string | undefined
  /** The ID of the store that it came from. Default: any. */
  storeId?: string | undefined
  /** Default: any. */
  team?: string | undefined
  /** Default: any. */
  experiment?: string | undefined
}

/** @internal */
export async function removeAsset(asset: Asset | string, options: RemoveAssetOptions = {}): Promise<void> {
  checkCall('removeAsset', options)
  const { folder } = isListed(asset) ? asset : await findAsset(asset, options)
  const top = assetsDirectory()
  // The asset may come from a list that was made when the directory was a different one.
  const isInside = isWithin(absolute(folder), top)
  if (!isInside || tagNumber(basename(folder)) === undefined) {
    throw new TrackwayError(
      'option_invalid',
      `Removing ${folder}: it is not a version in the assets directory ${top}; pass one from listAssets, or a spec`,
    )
  }
  await removeFolder(folder, top)
}

function isListed(asset: unknown): asset is Asset {
  return typeof asset === 'object' && asset !== null && 'folder' in asset
}

async function findAsset(text: string, options: RemoveAssetOptions): Promise<Asset> {
  const spec = parseSpec(text)
  if (spec.revision === undefined || spec.path !== undefined) {
    throw new TrackwayError(
      'option_invalid',
      `Removing ${text}: name a version by its tag, such as ${formatSpec({ type: spec.type, name: spec.name, revision: 'V1' })}`,
    )
  }
  const tag = parseTag(spec.revision)
  const is = (wanted: string | undefined, found: string) =>
    wanted === undefined || foldName(wanted) === foldName(found)
  const [first, ...others] = (await listAssets()).filter(
    (asset) =>
      is(spec.type, asset.type) &&
      is(spec.name, asset.name) &&
      asset.tag === tag &&
      (options.address === undefined || options.address === asset.address) &&
      is(options.storeId, asset.storeId) &&
      is(options.team, asset.team) &&
      is(options.experiment, asset.experiment),
  )
  if (first === undefined) {
    throw new TrackwayError('not_found', `Removing ${text}: it is not in ${assetsDirectory()}`)
  }
  if (others.length === 0) return first
  const origins = [first, ...others].map(
    ({ address, storeId, team, experiment }) => `${team}/${experiment} of ${address} (${storeId})`,
  )
  throw new TrackwayError(
    'option_invalid',
    `Removing ${text}: several origins have it: ${origins.join(', ')}; choose one with { address, storeId, team, experiment }`,
    { details: { origins } },
  )
}
