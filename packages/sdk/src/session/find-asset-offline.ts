import { parseName, parseSpec } from '@trackway/protocol'
import { environment } from '#platform'
import { findAssetOfHost } from '../assets/find-asset-of-host.ts'
import { findPinned } from '../assets/fetch-asset.ts'
import { resolveConfig } from './config.ts'
import { defaultExperiment } from './login.ts'
import { recallServer } from './remembered-server.ts'
import type { PlaceOptions } from './session.ts'

/**
 * The path of what is pinned and lies here, as the configuration says where it would come from; undefined where that
 * takes a login to find out.
 */
export async function findAssetOffline(text: string, options: PlaceOptions): Promise<string | undefined> {
  const spec = parseSpec(text)
  const { bucket, host = bucket, apiKey, team, experiment } = await resolveConfig({}, environment)
  if (host === undefined) return undefined
  const named = options.team ?? team
  const artifact = {
    experiment: parseName('experiment', options.experiment ?? experiment ?? defaultExperiment),
    type: spec.type,
    name: spec.name,
  }
  const server = await recallServer({ host, apiKey })
  if (server !== undefined) {
    const { storeId } = server
    const address = { ...artifact, storeId, team: parseName('team', named ?? server.team) }
    return (await findPinned(address, spec))?.path
  }
  return findAssetOfHost(
    { ...artifact, host, team: named === undefined ? undefined : parseName('team', named) },
    spec,
  )
}
