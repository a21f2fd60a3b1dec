import type { artifactRoutes } from '@trackway/protocol'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'
import { pageRequest } from '../page-request.ts'

export const artifactHandlers: RouteHandlers<typeof artifactRoutes> = {
  listArtifacts: async ({ engine, parameters, query }) =>
    json(await engine.artifacts.list(parameters, { ...pageRequest(query), type: query.type })),

  getArtifact: async ({ engine, parameters }) => json(await engine.artifacts.get(parameters)),
}
