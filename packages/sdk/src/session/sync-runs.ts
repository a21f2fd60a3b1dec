// Sends what runs left behind. Loaded when there may be something.
import { messageOf, type RunState, type VersionName } from '@trackway/protocol'
import { loadRunKeeper } from '#platform'
import { isUnreachable } from '../errors.ts'
import type { Connection } from '../client/connection.ts'
import type { LeftSpool, RunEnd } from '../platform/run-keeper.ts'
import { createCommitId } from '../upload/commit-id.ts'
import { createLogBuffer, type Sending } from './log-buffer.ts'
import { isGone } from './input-buffer.ts'
import { isRefusal } from './pace.ts'
import { runRequests, type RunRequests } from './run-requests.ts'

/** A run whose process ended before everything was sent, and that is complete now. */
export interface SyncedRun {
  /** The team of the run. */
  team: string
  /** The experiment of the run. */
  experiment: string
  /** The name of the run. */
  run: string
  /** How many logged values were sent. */
  points: number
  /** The state of the run now. */
  state: RunState
}

/** A run of which something is still kept on this machine. */
export interface UnsyncedRun {
  /** The team of the run. */
  team: string
  /** The experiment of the run. */
  experiment: string
  /** The name of the run. */
  run: string
  /** The server's URL, the bucket, or the folder of its store. */
  address: string
  /** Who logged it. */
  user: string
  /** The file. */
  path: string
  /** Why it was not sent. */
  reason: string
}

/** What a sync did. */
export interface SyncResult {
  /** Runs that are complete now. */
  sent: SyncedRun[]
  /** Runs of which something is still kept on this machine. */
  kept: UnsyncedRun[]
}

/** Whose runs are sent, and where. */
interface Origin {
  connection: Connection
  user: string
}

/** One attempt for each request: what fails is kept. */
const once = { once: true }

/** @internal */
export async function syncRuns(origin: Origin, signal?: AbortSignal): Promise<SyncResult> {
  const keeper = await loadRunKeeper?.()
  const result: SyncResult = { sent: [], kept: [] }
  for (const left of (await keeper?.leftBehind()) ?? []) {
    const reason = whyNot(left, origin)
    try {
      const sent = reason === undefined ? await sendSpool(left, origin.connection.quietly, signal) : undefined
      if (sent !== undefined) result.sent.push(sent)
      if (reason !== undefined) result.kept.push(keptRun(left, reason))
    } catch (error) {
      // Others may be sent all the same, unless the server cannot be reached at all.
      if (signal?.aborted || isUnreachable(error)) throw error
      result.kept.push(keptRun(left, messageOf(error)))
    }
  }
  return result
}

/** Why a spool is not sent here. */
function whyNot({ run }: LeftSpool, { connection, user }: Origin): string | undefined {
  if (run.address !== connection.address) return 'it belongs to another store'
  if (run.storeId !== connection.storeId) return 'another store was at this address then'
  return run.user === user ? undefined : 'it belongs to another user'
}

function keptRun({ path, run: { team, experiment, run, address, user } }: LeftSpool, reason: string) {
  return { team, experiment, run, address, user, path, reason }
}

/** Sends a spool and removes it. Undefined if another process did meanwhile. */
async function sendSpool(
  left: LeftSpool,
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<SyncedRun | undefined> {
  const leftover = await left.read()
  const spool = left.open()
  if (leftover === undefined || spool === undefined) return undefined
  const { run, segments, rest, sequence, inputs, end } = leftover
  const requests = runRequests(connection, run)
  const sending = { ...once, signal }
  const log = createLogBuffer(
    (segment) => requests.append(segment, sending),
    { failed() {}, succeeded() {}, leftOut() {} },
    { writer: run.writer, sequence, segments, rest, spool },
  )
  for (const input of inputs) await addUnlessDeleted(requests, input, sending)
  await log.flush(signal)
  const how = end ?? killed()
  const { state } = await requests.end({ ...how, expected: how.expected ?? run.began }, sending)
  spool.remove()
  const points = segments.reduce((sum, segment) => sum + segment.points.length, rest.length)
  return { team: run.team, experiment: run.experiment, run: run.run, points: points - log.dropped, state }
}

/** How a run ended whose process could not record it. */
function killed(): RunEnd {
  return {
    state: 'interrupted',
    error: 'The process was killed, or crashed, before it ended the run',
    commitId: createCommitId(),
  }
}

/** Records a version that a run read, unless it was deleted since. */
async function addUnlessDeleted(requests: RunRequests, input: VersionName, sending: Sending): Promise<void> {
  try {
    await requests.addInput(input, sending)
  } catch (error) {
    if (!isRefusal(error) && !isGone(error)) throw error
  }
}
