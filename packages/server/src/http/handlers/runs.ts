import type { runRoutes } from '@trackway/protocol'
import { pageRequest } from '../page-request.ts'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const runHandlers: RouteHandlers<typeof runRoutes> = {
  async createRun({ engine, caller, parameters, body }) {
    const { run, created } = await engine.runs.create(parameters, { ...body, user: caller.user })
    // Rule: a route returns only statuses that its description has.
    if (created) return json(run, 201)
    const nextStep = await engine.runs.nextStep(run)
    return json({ ...run, ...(nextStep !== undefined && { nextStep }) })
  },

  listRuns: async ({ engine, parameters, query }) =>
    json(await engine.runs.list(parameters, pageRequest(query))),

  async getRun({ engine, parameters }) {
    const [run, edges] = await Promise.all([engine.runs.get(parameters), engine.lineage.ofRun(parameters)])
    return json({ ...run, ...edges })
  },

  finishRun: async ({ engine, parameters, body }) => json(await engine.runs.finish(parameters, body)),

  async putLogSegment({ engine, quotas, parameters, body }) {
    quotas?.demandPoints()
    const stored = await engine.runs.appendLog(parameters, parameters.segment, body.points)
    if (stored) quotas?.addPoints(body.points.length)
    return json({ stored })
  },

  getLog: async ({ engine, parameters, query }) => json(await engine.runs.readLog(parameters, query.cursor)),
}
