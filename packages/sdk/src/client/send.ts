import { TrackwayError } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import ky, { HTTPError, TimeoutError } from 'ky'
import { AbortedError } from '../errors.ts'
import { makeAttempt } from './attempt.ts'
import { loadExplaining } from '../parts/load.ts'
import { describeFailure, lastingReason, mayPass, reasonOf, type Asked, type Question } from './failure.ts'
import type { Receiver } from './request.ts'
import type { RetryNotice } from './retry-notice.ts'
import { asksTooLong, retryOptions, type RetryPolicy } from './retry.ts'

/** Where requests are sent. */
export interface Destination extends Asked {
  fetch: (request: Request) => Promise<Response>
  retry: RetryPolicy
  /** Reports requests that are retried for long. Default: no reports. */
  notice?: RetryNotice | undefined
}

/** A request. */
export interface Outgoing extends Question {
  method: string
  headers?: Record<string, string> | undefined
  signal?: AbortSignal | undefined
  once?: boolean | undefined
  receiver: Receiver
}

/** Milliseconds without a byte after which an attempt is given up. */
export const stallMs = 120_000

/**
 * Sends a request until it succeeds, cannot succeed, or its time is over. Every request of the protocol may
 * be sent again, including POST. Every failure except a defect is a `TrackwayError`.
 */
export async function send(destination: Destination, outgoing: Outgoing): Promise<void> {
  const { retry, apiKey } = destination
  const watched = destination.notice?.watch()
  const endsAt = performance.now() + retry.budgetMs
  let last: unknown
  let looks = 0

  function isWorthIt(error: Error): boolean {
    if (outgoing.signal?.aborted || asksTooLong(error, endsAt - performance.now())) return false
    if (TrackwayError.hasCode(error, 'integrity_error')) return (looks += 1) <= 1
    if (error instanceof HTTPError) return mayPass(error)
    return !TrackwayError.isInstance(error) && !lastingReason(error)
  }

  function mayRetry(error: Error): boolean {
    last = error
    const retries = isWorthIt(error)
    if (retries) watched?.failed(reasonOf(error, apiKey))
    return retries
  }

  try {
    await ky(outgoing.url, {
      method: outgoing.method,
      headers: { ...outgoing.headers, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
      timeout: false,
      totalTimeout: retry.budgetMs,
      ...(outgoing.signal && { signal: anySignal(outgoing.signal) }),
      // ky decides when to retry. An attempt, from a fresh body to the answer's last byte, is our own code.
      fetch: (input) =>
        makeAttempt(new Request(input), {
          fetch: destination.fetch,
          makeBody: outgoing.makeBody,
          stallMs,
          receiver: outgoing.receiver,
          // A browser caches answers, including wrong ones.
          ...(looks > 0 && { init: { cache: 'reload' } }),
        }),
      retry: { ...retryOptions(retry, mayRetry), ...(outgoing.once && { limit: 0 }) },
    })
    watched?.end(true)
  } catch (error) {
    watched?.end(false)
    throw await toThrow(error instanceof TimeoutError ? (last ?? error) : error, destination, outgoing)
  }
}

async function toThrow(error: unknown, destination: Destination, outgoing: Outgoing): Promise<unknown> {
  if (outgoing.signal?.aborted) return new AbortedError(outgoing.signal.reason)
  return TrackwayError.isInstance(error) ? error : explainFailure(error, destination, outgoing)
}

/**
 * A failed request as an error with an explanation, which is loaded then. A browser without a network cannot
 * load it.
 */
export async function explainFailure(
  cause: unknown,
  { label, labelOrigin, apiKey, keyOrigin, isRemote }: Asked,
  { attempted, url, makeBody }: Question,
): Promise<TrackwayError> {
  const asked = { label, labelOrigin, apiKey, keyOrigin, isRemote }
  const failure = describeFailure(cause, asked, { attempted, url, makeBody })
  try {
    const { explain } = await loadExplaining()
    return explain(failure)
  } catch {
    return new TrackwayError(
      'network_error',
      `${attempted}: ${label} could not be reached (${failure.reason})`,
    )
  }
}
