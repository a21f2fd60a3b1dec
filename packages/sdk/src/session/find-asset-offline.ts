import { isAddress, parseName, type Spec } from '@trackway/protocol'
import { checkOptions } from '@trackway/protocol/options'
import { environment } from '#platform'
import type { FetchAssetOptions } from '../disk/assets/download-asset.ts'
import type { ScopeOptions } from '../calls/scope-options.ts'
import { loadDisk } from '../parts/load.ts'
import { fetchKinds, type FetchArguments } from './assets.ts'
import { readArguments } from './call-arguments.ts'
import { resolveConfig } from './config.ts'
import { defaultExperiment } from './login.ts'
import { recallServer } from './remembered-server.ts'

type Options = FetchAssetOptions & ScopeOptions

/**
 * The path of a version that is pinned and present, from the configured origin; undefined if that takes a
 * login to find out, and for a store in a folder, which is always asked.
 */
export async function findAssetOffline(
  given: FetchArguments,
): Promise<{ path: string | undefined; options: Options }> {
  const { subject, options: known = {} } = readArguments('fetchAsset', ['revision'], given)
  const options = known as Options // The next line checks that, for callers without types.
  checkOptions('fetchAsset', options, fetchKinds)
  return { path: options.verify ? undefined : await find(subject, options), options }
}

async function find(spec: Spec, options: Options): Promise<string | undefined> {
  const { store, host, apiKey, team, experiment } = await resolveConfig({ quiet: options.quiet }, environment)
  const address = host ?? (isAddress(store) ? await environment.addressOf?.(store) : undefined)
  if (address === undefined) return undefined
  const { findAssetOfAddress, findPinned, noteForeignDirectory } = await loadDisk()
  if (!options.quiet) await noteForeignDirectory(environment.print)
  const named = options.team ?? team
  const artifact = {
    address,
    experiment: parseName('experiment', options.experiment ?? experiment ?? defaultExperiment),
    type: spec.type,
    name: spec.name,
  }
  const server = await recallServer({ address, apiKey })
  if (server !== undefined) {
    const { storeId } = server
    const asset = { ...artifact, storeId, team: parseName('team', named ?? server.team) }
    return (await findPinned(asset, spec))?.path
  }
  return findAssetOfAddress(
    { ...artifact, team: named === undefined ? undefined : parseName('team', named) },
    spec,
  )
}
