import { pageRequest } from '../page-request.ts'
import { json, type RouteHandlers } from '../route-handler.ts'

export const experimentHandlers: RouteHandlers<'listExperiments'> = {
  listExperiments: async ({ engine, parameters, query }) =>
    json(await engine.experiments.list(parameters.team, pageRequest(query))),
}
