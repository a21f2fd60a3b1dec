import { pageRequest } from '../page-request.ts'
import { json, type RouteHandlers } from '../route-handler.ts'

export const artifactHandlers: RouteHandlers<
  'listArtifacts' | 'getArtifact' | 'listAliases' | 'getAlias' | 'moveAlias' | 'applyRetention'
> = {
  listArtifacts: async ({ engine, parameters, query }) =>
    json(await engine.artifacts.list(parameters, { ...pageRequest(query), type: query.type })),

  getArtifact: async ({ engine, parameters }) => json(await engine.artifacts.get(parameters)),

  listAliases: async ({ engine, parameters }) => json({ aliases: await engine.aliases.all(parameters) }),

  async getAlias({ engine, parameters: { alias, ...scope } }) {
    const found = await engine.aliases.history(scope, alias)
    // An alias that never existed is not one without a target: resolving it reports that, and which ones
    // exist.
    if (found.history.length === 0) await engine.versions.resolve(scope, alias)
    return json(found)
  },

  applyRetention: async ({ engine, caller, parameters, body }) =>
    json(await engine.retention.apply(parameters, body, caller)),

  async moveAlias({ engine, caller, parameters, body }) {
    const { alias, ...scope } = parameters
    if (body.tag !== null) await engine.versions.resolve(scope, body.tag)
    return json(await engine.aliases.move(scope, alias, { ...body, user: caller.user }))
  },
}
