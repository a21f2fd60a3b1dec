import type { retentionRoutes } from '@trackway/protocol'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const retentionHandlers: RouteHandlers<typeof retentionRoutes> = {
  applyRetention: async ({ engine, caller, parameters, body }) =>
    json(await engine.retention.apply(parameters, body, caller)),
}
