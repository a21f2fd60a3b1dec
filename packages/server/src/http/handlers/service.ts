import { describeCaller } from '../../auth/caller.ts'
import { createOpenApi } from '../openapi.ts'
import { json, type RouteHandlers } from '../route-handler.ts'

export const serviceHandlers: RouteHandlers<'getService' | 'getHealth' | 'getOpenApi' | 'getMe'> = {
  getService: ({ engine: { format, links, limits } }) =>
    json({
      service: 'trackway',
      formatVersion: 1,
      storeId: format.storeId,
      features: format.features,
      offers: links.offers,
      limits,
    }),
  getHealth: () => json({ status: 'ok' }),
  getOpenApi: () => json(createOpenApi()),
  getMe: ({ caller }) => json(describeCaller(caller)),
}
