import type { lineageRoutes } from '@trackway/protocol'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const lineageHandlers: RouteHandlers<typeof lineageRoutes> = {
  async addInput({ engine, parameters, body }) {
    const { team } = parameters
    const [version] = await Promise.all([
      engine.versions.resolve(
        { team, experiment: body.experiment, type: body.type, name: body.name },
        body.tag,
      ),
      engine.runs.get(parameters),
    ])
    return json(await engine.lineage.addInput(parameters, version))
  },

  async getLineage({ engine, parameters: { revision, ...scope } }) {
    return json(await engine.lineage.ofVersion(await engine.versions.resolve(scope, revision)))
  },
}
