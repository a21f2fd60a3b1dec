// A session's requests about experiments and runs. Loaded with the first such call.
import { parseName, type RunDocument, type RunSummary } from '@trackway/protocol'
import { showInNotebooks } from '#platform'
import type { Connection } from '../client/connection.ts'
import { readAll } from '../client/read-all.ts'
import { loggedValue, type LoggedValue } from './logged-value.ts'
import type { Scope } from '../client/scope.ts'

type Signal = { signal?: AbortSignal | undefined }

export async function listExperiments(
  connection: Connection,
  team: string,
  { signal }: Signal,
): Promise<string[]> {
  const asked = {
    attempted: `Listing the experiments of ${team}`,
    parameters: { team },
    query: { limit: '1000' },
    signal,
  }
  const experiments = await readAll(asked, (page) => connection.call('listExperiments', page))
  return experiments.map(({ experiment }) => experiment)
}

export async function listRuns(
  { connection, team, experiment }: Scope,
  { signal }: Signal,
): Promise<RunDocument[]> {
  const asked = {
    attempted: `Listing the runs of ${team}/${experiment}`,
    parameters: { team, experiment },
    signal,
  }
  const runs = await readAll(asked, (page) => connection.call('listRuns', page))
  return showInNotebooks('runs', runs, (list) => list)
}

export async function getRun(scope: Scope, name: string, { signal }: Signal): Promise<RunSummary> {
  const { connection, team, experiment } = scope
  const parameters = { team, experiment, run: parseName('run', name) }
  await scope.run?.flushInputs(signal)
  return connection.call('getRun', { attempted: `Reading the run ${name}`, parameters, signal })
}

export async function getLog(
  { connection, team, experiment }: Scope,
  name: string,
  { signal }: Signal,
): Promise<LoggedValue[]> {
  const asked = {
    attempted: `Reading what the run ${name} logged`,
    parameters: { team, experiment, run: parseName('run', name) },
    signal,
  }
  const points = await readAll(asked, async (page) => {
    const { points: items, next } = await connection.call('getLog', page)
    return { items, ...(next !== undefined && { next }) }
  })
  return points.map(loggedValue)
}
