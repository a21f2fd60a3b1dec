import type { serviceRoutes } from '@trackway/protocol'
import { encodeJson } from '../json-text.ts'
import { createOpenApi } from '../openapi.ts'
import type { RouteHandlers } from '../handle.ts'
import { json, withEtag, type EtaggedJson } from '../json-response.ts'

/** The document, made on the first request: that takes milliseconds. */
let openApi: EtaggedJson | undefined

export const serviceHandlers: RouteHandlers<typeof serviceRoutes> = {
  getService: ({ engine: { format, presignedUrls, limits } }) =>
    json({
      service: 'trackway',
      formatVersion: 1,
      storeId: format.storeId,
      features: format.features,
      offers: presignedUrls.offers,
      limits,
    }),
  getHealth: () => json({ status: 'ok' }),
  async getOpenApi({ request }) {
    openApi ??= { bytes: await encodeJson(createOpenApi()), headers: { 'cache-control': 'no-cache' } }
    return withEtag(request, openApi)
  },
}
