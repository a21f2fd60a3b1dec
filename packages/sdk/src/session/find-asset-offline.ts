import { parseName, parseSpec } from '@trackway/protocol'
import { environment } from '#platform'
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
  const server = host === undefined ? undefined : await recallServer({ host, apiKey })
  if (server === undefined) return undefined
  const artifact = {
    storeId: server.storeId,
    team: parseName('team', options.team ?? team ?? server.team),
    experiment: parseName('experiment', options.experiment ?? experiment ?? defaultExperiment),
    type: spec.type,
    name: spec.name,
  }
  return (await findPinned(artifact, spec))?.path
}
