import { TrackwayError } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import ky, { HTTPError, TimeoutError } from 'ky'
import { AbortedError } from '../errors.ts'
import { makeAttempt } from './attempt.ts'
import { loadPart } from '../load-part.ts'
import {
  describeFailure,
  lastingReason,
  reasonOf,
  retryableByProblem,
  type Asked,
  type Question,
} from './failure.ts'
import type { Receiver } from './receiver.ts'
import { retryAfterMs } from './retry-after.ts'
import type { RetryNotice } from './retry-notice.ts'
import type { RetryPolicy } from './retry-policy.ts'

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
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  once?: boolean | undefined
  receiver: Receiver
}

type HttpMethod = 'get' | 'put' | 'post' | 'head' | 'delete'

const allMethods: HttpMethod[] = ['get', 'put', 'post', 'head', 'delete']
const passing = [408, 429, 500, 502, 503, 504]
/** Milliseconds without a byte after which an attempt is given up. */
export const stallMs = 120_000

/**
 * When a request is retried, except for the delay, which applies unless the last failure asks for another.
 */
export function retryOptions(last: () => unknown) {
  return {
    limit: 1000,
    methods: allMethods,
    statusCodes: passing,
    // ky would not wait at all for a header of 0, and would obey headers that only say when a quota is
    // renewed.
    afterStatusCodes: [],
    jitter: (ms: number) => askedMs(last()) || Math.random() * ms,
  }
}

/** Whether an answer asks for a wait that is longer than the remaining time. */
export function asksTooLong(error: unknown, leftMs: number): boolean {
  return askedMs(error) > leftMs
}

function askedMs(error: unknown): number {
  return (error instanceof HTTPError && retryAfterMs(error.response.headers)) || 0
}

/** Milliseconds to wait after this many failures. */
export function delayMs({ firstDelayMs, maxDelayMs }: RetryPolicy, failures: number): number {
  return Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs)
}

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

  function mayRetry(error: Error): boolean | undefined {
    if (outgoing.signal?.aborted || asksTooLong(error, endsAt - performance.now())) return false
    if (TrackwayError.hasCode(error, 'integrity_error')) return (looks += 1) <= 1
    if (error instanceof HTTPError) return retryableByProblem(error)
    return !TrackwayError.isInstance(error) && !lastingReason(error)
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
      retry: {
        ...retryOptions(() => last),
        ...(outgoing.once && { limit: 0 }),
        delay: (count) => delayMs(retry, count),
        shouldRetry({ error }) {
          last = error
          const isWorthIt = mayRetry(error)
          if (isWorthIt !== false) watched?.failed(reasonOf(error, apiKey))
          return isWorthIt
        },
      },
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
    const { explain } = await loadPart(() => import('./explain.ts'))
    return explain(failure)
  } catch {
    return new TrackwayError(
      'network_error',
      `${attempted}: ${label} could not be reached (${failure.reason})`,
    )
  }
}
