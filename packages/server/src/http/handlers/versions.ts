import { maxAliases, tagNumber, TrackwayError, type versionRoutes } from '@trackway/protocol'
import { takePage } from '../../engine/listing.ts'
import { pageRequest } from '../page-request.ts'
import type { RouteHandlers } from '../handle.ts'
import { json, jsonUnlessSame } from '../json-response.ts'

export const versionHandlers: RouteHandlers<typeof versionRoutes> = {
  async listVersions({ engine, parameters, query }) {
    const { cursor, limit } = pageRequest(query)
    const filter = {
      before: cursor === undefined ? undefined : tagNumber(cursor),
      deleted: query.deleted === 'true',
    }
    return json(await takePage(engine.versions.list(parameters, filter), limit, (record) => record.tag))
  },

  async createVersion({ engine, caller, quotas, parameters, body }) {
    const author = { user: caller.user, beforeNew: quotas?.takeVersion }
    const { record, created } = await engine.versions.create(parameters, author, body)
    return json(record, created ? 201 : 200)
  },

  async putVersion({ engine, caller, quotas, parameters: { tag, ...scope }, body, request }) {
    if (request.headers.get('if-none-match') !== '*') {
      throw new TrackwayError(
        'request_invalid',
        'A version can be made but not replaced; send the header If-None-Match: *',
      )
    }
    if (body.tag !== undefined && body.tag !== tag) {
      throw new TrackwayError('request_invalid', `The body names ${body.tag}, but the URL names ${tag}`)
    }
    try {
      const author = { user: caller.user, beforeNew: quotas?.takeVersion }
      const { record, created } = await engine.versions.create(scope, author, { ...body, tag })
      return json(record, created ? 201 : 200)
    } catch (error) {
      if (!TrackwayError.hasCode(error, 'tag_conflict')) throw error
      throw new TrackwayError('precondition_failed', error.reason, { cause: error, details: error.details })
    }
  },

  async getVersion({ engine, parameters: { revision, ...scope }, request }) {
    const [record, aliases] = await Promise.all([
      engine.versions.resolve(scope, revision).then(engine.versions.describe),
      engine.aliases.all(scope, { skipsDamaged: true }),
    ])
    const names = Object.keys(aliases).filter((alias) => aliases[alias] === record.tag)
    return jsonUnlessSame(request, { ...record, aliases: names.slice(0, maxAliases) })
  },

  updateVersion: async ({ engine, caller, parameters: { tag, ...scope }, body }) =>
    json(await engine.versions.update(scope, tag, { ...body, user: caller.user })),

  async getVersionHistory({ engine, parameters: { revision, ...scope } }) {
    const record = await engine.versions.resolve(scope, revision)
    return json({ history: await engine.versions.history(record) })
  },

  deleteVersion: async ({ engine, caller, parameters: { tag, ...scope } }) =>
    json(await engine.versions.delete(scope, tag, caller)),

  restoreVersion: async ({ engine, caller, parameters: { tag, ...scope } }) =>
    json(await engine.versions.restore(scope, tag, caller)),
}
