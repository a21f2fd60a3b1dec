import type { experimentRoutes } from '@trackway/protocol'
import { pageRequest } from '../page-request.ts'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const experimentHandlers: RouteHandlers<typeof experimentRoutes> = {
  listExperiments: async ({ engine, parameters, query }) =>
    json(await engine.experiments.list(parameters.team, pageRequest(query))),
}
