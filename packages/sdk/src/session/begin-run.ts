import { foldName, maxRunErrorLength, messageOf, parseName, routePath } from '@trackway/protocol'
import { checkMetadata } from '../artifact/check-metadata.ts'
import type { Connection } from '../client/connection.ts'
import { createCommitId } from '../upload/commit-id.ts'
import type { RunInProgress } from './perform.ts'
import { scopeRunOf, Run } from './run.ts'
import type { InitOptions } from './runs.ts'

/** Where a run begins. */
interface Where {
  connection: Connection
  team: string
  experiment: string
  baseUrl: string
  isServer: boolean
  /** Reports what could not be sent. */
  print: (text: string) => void
}

/** Begins a run, or continues the one of that name. `onEnd` is called once it has ended. */
export async function beginRun(
  { connection, team, experiment, baseUrl, isServer, print }: Where,
  { run: wanted, config, quiet, signal }: InitOptions<object>,
  onEnd: () => void,
): Promise<RunInProgress> {
  const body = {
    commitId: createCommitId(),
    ...(wanted !== undefined && { run: parseName('run', wanted) }),
    // Even an empty one makes a state of this process, so that the end of another process does not end it.
    config: config === undefined ? {} : checkMetadata(config, 'config'),
  }
  const document = await (quiet ? connection.quietly : connection).call('createRun', {
    attempted: `Beginning a run in ${team}/${experiment}`,
    parameters: { team, experiment },
    body,
    signal,
  })
  const { run: name } = document
  const path = isServer
    ? routePath('getRun', { team, experiment, run: name })
    : `/t/${foldName(team)}/r/${foldName(experiment)}/${foldName(name)}`
  const run = new Run({ connection, document, url: baseUrl + path, print, onEnd })
  return { run, scopeRun: scopeRunOf(run) }
}

/** Runs `work` in a run, and ends the run according to the outcome. */
export async function runWithin<Result>(
  run: Run,
  work: (run: Run) => Result | Promise<Result>,
): Promise<Result> {
  let result: Result
  try {
    result = await work(run)
  } catch (error) {
    // The error of the work is thrown, even if ending the run failed too.
    await run.finish({ state: 'failed', error: messageOf(error).slice(0, maxRunErrorLength) }).catch(() => {})
    throw error
  }
  await run.finish()
  return result
}
