import type { aliasRoutes } from '@trackway/protocol'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const aliasHandlers: RouteHandlers<typeof aliasRoutes> = {
  listAliases: async ({ engine, parameters }) => json({ aliases: await engine.aliases.all(parameters) }),

  async getAlias({ engine, parameters: { alias, ...scope } }) {
    const found = await engine.aliases.history(scope, alias)
    // An alias that never existed is not one without a target: resolving it reports that, and which ones
    // exist.
    if (found.history.length === 0) await engine.versions.resolve(scope, alias)
    return json(found)
  },

  async moveAlias({ engine, caller, parameters, body }) {
    const { alias, ...scope } = parameters
    if (body.tag !== null) await engine.versions.resolve(scope, body.tag)
    return json(await engine.aliases.move(scope, alias, { ...body, user: caller.user }))
  },
}
