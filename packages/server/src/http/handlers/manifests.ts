import { digestHex, ndjsonMediaType, parseSpec, TrackwayError, type manifestRoutes } from '@trackway/protocol'
import { forVersion } from '../../engine/damage.ts'
import type { Engine } from '../../engine/engine.ts'
import type { ManifestSummary } from '../../engine/read-manifest.ts'
import { bytesResponse, mayMove } from '../bytes-response.ts'
import type { RouteHandlers, RouteRequest } from '../handle.ts'
import { json } from '../json-response.ts'
import { requireMediaType } from '../request-body.ts'

export const manifestHandlers: RouteHandlers<typeof manifestRoutes> = {
  async putManifest({ engine, parameters: { team, digest }, query, request, receive }) {
    requireMediaType(request, ndjsonMediaType)
    const liveBase = await readBase(engine, team, query)
    const body = receive({ name: 'manifestBytes', bytes: engine.limits.manifestBytes })
    return json(await engine.manifests.put({ team, digest, body, liveBase }))
  },

  async getManifest({ engine, parameters: { revision, ...scope }, request, onBroken }) {
    const record = await engine.versions.resolve(scope, revision)
    const { manifest } = record
    return bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(manifest.digest),
        type: ndjsonMediaType,
        // It must match its record, which is read again each time: the store may have been restored from a
        // backup.
        headers: mayMove,
        open: (range) => forVersion(record, engine.manifests.open(scope.team, manifest.digest, range)),
        size: () => Promise.resolve(manifest.size),
      },
    )
  },
}

/** The manifest of the base; a missing base is not an error here, it only saves no work. */
async function readBase(
  engine: Engine,
  team: string,
  { base, experiment }: RouteRequest<typeof manifestRoutes.putManifest>['query'],
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
