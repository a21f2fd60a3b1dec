import { TrackwayError, type VersionName } from '@trackway/protocol'
import { unlessAborted } from '../concurrency/abort.ts'
import type { RunSpool } from '../platform/run-keeper.ts'
import type { Sending } from './log-buffer.ts'
import { createPace, isRefusal } from './pace.ts'
import { sentenceOf, type RunReport } from './run-report.ts'

/** Records the versions that a run read, and sends them to the server in the background. */
export interface InputBuffer {
  add(input: VersionName): void
  /** Sends everything that was added. Rejects if that fails; what was not sent is kept. */
  flush(signal?: AbortSignal): Promise<void>
  /** Drops everything that could not be sent. */
  giveUp(reason: unknown): void
}

const intervalMs = 1_000

/** `send` sends one version; it may be called with the same one twice. */
export function createInputBuffer(
  send: (input: VersionName, sending: Sending) => Promise<void>,
  report: RunReport,
  spool?: Pick<RunSpool, 'input' | 'settleInput'>,
): InputBuffer {
  const sent = new Set<string>()
  const waiting = new Map<string, VersionName>()
  const pace = createPace(intervalMs)
  let timer: ReturnType<typeof setTimeout> | undefined
  let queue: Promise<unknown> = Promise.resolve()

  /** One after the other, so that nothing is sent twice, and what is being sent is waited for. */
  function enqueue(sending: Sending): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const next = queue.then(() => sendWaiting(sending))
    queue = next.catch(() => {})
    return unlessAborted(next, sending.signal)
  }

  async function sendWaiting(sending: Sending): Promise<void> {
    try {
      for (const [key, input] of waiting) {
        await send(input, sending).catch(leaveOutRefused)
        waiting.delete(key)
        sent.add(key)
        spool?.settleInput(input)
      }
      pace.succeeded()
      report.succeeded('inputs')
    } catch (error) {
      pace.failed(error)
      if (sending.once) report.failed('inputs', error) // Otherwise the waiting caller gets the error.
      schedule()
      throw error
    }
  }

  function leaveOutRefused(error: unknown): void {
    if (!isRefusal(error) && !isGone(error)) throw error
    leaveOut(error)
  }

  function leaveOut(reason: unknown): void {
    const kind = TrackwayError.isInstance(reason) ? reason.code : ''
    report.leftOut(`input ${kind}`, `${sentenceOf(reason)} It is missing from the lineage of the run`)
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      if (pace.isDue()) enqueue({ once: true }).catch(() => {})
      else schedule()
    }, pace.waitMs())
    // Does not keep a script from ending.
    if (typeof timer === 'object') timer.unref()
  }

  return {
    flush: (signal) => enqueue({ once: false, signal }),
    giveUp(reason) {
      if (waiting.size > 0) leaveOut(reason)
      waiting.clear()
    },
    add(input) {
      const key = JSON.stringify(input)
      if (sent.has(key) || waiting.has(key)) return
      waiting.set(key, input)
      spool?.input(input)
      schedule()
    },
  }
}

/** Whether a version was deleted after it was read. */
export function isGone(error: unknown): error is TrackwayError {
  return TrackwayError.hasCode(error, 'not_found', 'version_deleted')
}
