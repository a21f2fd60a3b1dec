import { backoffMs, TrackwayError } from '@trackway/protocol'

/** When a background task is due: at intervals, after failures at growing ones, or when the server says. */
export interface Pace {
  isDue(): boolean
  /** Milliseconds until the next attempt. */
  waitMs(): number
  succeeded(): void
  failed(error: unknown): void
}

const maxDelayMs = 60_000
/** A server that asks for a longer wait is mistaken. */
const mostAskedMs = 24 * 60 * 60_000

export function createPace(intervalMs: number): Pace {
  let failures = 0
  let dueAt = 0
  return {
    isDue: () => performance.now() >= dueAt,
    waitMs: () => Math.ceil(Math.max(0, dueAt - performance.now())) || intervalMs,
    succeeded() {
      failures = 0
      dueAt = 0
    },
    failed(error) {
      failures += 1
      const waitMs = backoffMs({ firstDelayMs: intervalMs, maxDelayMs }, failures)
      dueAt = performance.now() + Math.max(waitMs, Math.min(askedMs(error), mostAskedMs))
    },
  }
}

function askedMs(error: unknown): number {
  if (!TrackwayError.isInstance(error)) return 0
  const { retryAfterMs } = error.details
  return typeof retryAfterMs === 'number' ? retryAfterMs : 0
}

// Codes for a body that the server will not accept, however often it is sent.
const refusals = new Set([400, 413, 415, 422])

/** Whether a server refuses this particular message permanently, while others may get through. */
export function isRefusal(error: unknown): error is TrackwayError {
  return isLasting(error) && error.code !== 'not_trackway' && refusals.has(error.status ?? 0)
}

/** Whether a server accepts the same message, but not at this rate. */
export function isRateLimited(error: unknown): boolean {
  return TrackwayError.hasCode(error, 'rate_limited')
}

/** Whether trying again is pointless, unless the caller canceled. */
export function isLasting(error: unknown): error is TrackwayError {
  return TrackwayError.isInstance(error) && !error.retryable && error.code !== 'aborted'
}
