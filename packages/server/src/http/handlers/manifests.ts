import { ndjsonMediaType, parseSpec, TrackwayError } from '@trackway/protocol'
import type { Engine } from '../../engine/engine.ts'
import type { ManifestSummary } from '../../engine/read-manifest.ts'
import { requireMediaType } from '../request-body.ts'
import { json, type RouteHandlers, type RouteRequest } from '../route-handler.ts'

export const manifestHandlers: RouteHandlers<'putManifest'> = {
  async putManifest({ engine, parameters: { team, digest }, query, request, receive }) {
    requireMediaType(request, ndjsonMediaType)
    const liveBase = await readBase(engine, team, query)
    const body = receive({ name: 'manifestBytes', bytes: engine.limits.manifestBytes })
    return json(await engine.manifests.put({ team, digest, body, liveBase }))
  },
}

/** The manifest of the base; a missing base is not an error here, it only saves no work. */
async function readBase(
  engine: Engine,
  team: string,
  { base, experiment }: RouteRequest<'putManifest'>['query'],
): Promise<ManifestSummary | undefined> {
  if (base === undefined || experiment === undefined) return undefined
  const { type, name, revision = 'latest' } = parseSpec(base)
  try {
    const record = await engine.versions.resolve({ team, experiment, type, name }, revision)
    return await engine.manifests.summarize(team, record.manifest.digest)
  } catch (error) {
    if (TrackwayError.isInstance(error) && (error.status === 404 || error.status === 410)) return undefined
    throw error
  }
}
