import { foldName, maxRunErrorLength, messageOf, parseName, routePath } from '@trackway/protocol'
import { loadRunKeeper } from '#platform'
import { checkMetadata } from '../artifact/check-metadata.ts'
import type { Connection } from '../client/connection.ts'
import { createCommitId } from '../upload/commit-id.ts'
import type { Reach } from '../platform/run-keeper.ts'
import { newWriter } from './log-buffer.ts'
import { syncRuns } from './sync-runs.ts'
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
  user: string
  /** How another process reaches the same store; undefined if it cannot. */
  reach?: Reach | undefined
  /** Ends the run before this one. */
  endBefore: () => Promise<void>
  /** Reports what could not be sent. */
  print: (text: string) => void
}

/** Begins a run, or continues the one of that name. `onEnd` is called once it has ended. */
export async function beginRun(
  { connection, team, experiment, baseUrl, isServer, user, reach, endBefore, print }: Where,
  { run: wanted, config, quiet, signal }: InitOptions<object>,
  onEnd: () => void,
): Promise<RunInProgress> {
  const body = {
    commitId: createCommitId(),
    ...(wanted !== undefined && { run: parseName('run', wanted) }),
    // Even an empty one makes a state of this process, so that the end of another process does not end it.
    config: config === undefined ? {} : checkMetadata(config, 'config'),
  }
  await endBefore()
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
  const keeper = await loadRunKeeper?.()
  const writer = newWriter()
  const { address, storeId } = connection
  const whose = { address, storeId, user, team: document.team, experiment: document.experiment }
  const spooled = { ...whose, run: name, began: document.commitId, ...writer }
  const spool = reach && (await keeper?.keep(spooled, { reach, sender: senderModule(), print }))
  const url = baseUrl + path
  const run = new Run({ connection, document, url, print, onEnd, writer, spool, keeper })
  if (reach !== undefined) void syncInBackground({ connection, user, print })
  return { run, scopeRun: scopeRunOf(run) }
}

/** The module of the process that sends what this one leaves behind; undefined in a bundle of CommonJS. */
function senderModule(): string | undefined {
  // In a variable, or webpack would look for the file during the build.
  const url: string | undefined = import.meta.url
  if (url === undefined) return undefined
  return new URL(url.endsWith('.ts') ? './run-sender.ts' : './run-sender.js', url).href
}

/** Sends what is left of runs that were killed, or whose server was down. */
async function syncInBackground({
  connection,
  user,
  print,
}: Pick<Where, 'connection' | 'user' | 'print'>): Promise<void> {
  try {
    const { sent } = await syncRuns({ connection, user })
    for (const { run, points, state } of sent)
      print(
        `The run ${run} of an earlier process is complete now: ${points} values were sent, and it is ${state}`,
      )
  } catch {
    // It is kept, and tried again by the next init.
  }
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
