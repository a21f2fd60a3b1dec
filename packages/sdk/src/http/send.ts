import { TrackwayError } from '@trackway/protocol'
import ky, { HTTPError, TimeoutError } from 'ky'
import { AbortedError, isIntegrityError } from '../errors.ts'
import { makeAttempt } from './attempt.ts'
import type { MakeBody } from './connection.ts'
import {
  explainNetworkError,
  explainResponse,
  isRedirect,
  retryableByProblem,
  speaksNoTls,
} from './explain.ts'
import type { Receiver } from './receiver.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** Where requests go. */
export interface Destination {
  /** For people. */
  label: string
  apiKey?: string | undefined
  /** Says where the key came from, for the message when it is refused. */
  keyOrigin?: string | undefined
  fetch: (request: Request) => Promise<Response>
  /** Whether requests leave this process. Default: false. */
  isRemote?: boolean | undefined
  retry: RetryPolicy
}

/** A request. */
export interface Outgoing {
  method: string
  url: URL
  headers?: Record<string, string>
  makeBody?: MakeBody | undefined
  attempted: string
  signal?: AbortSignal | undefined
  once?: boolean | undefined
  receiver: Receiver
}

type HttpMethod = 'get' | 'put' | 'post' | 'head' | 'delete'

const allMethods: HttpMethod[] = ['get', 'put', 'post', 'head', 'delete']
const passing = [408, 429, 500, 502, 503, 504]
/** Milliseconds without a byte after which an attempt is given up. */
export const stallMs = 120_000

/** When a request is sent again, but for how long to wait in between. */
export function retryOptions({ budgetMs }: RetryPolicy) {
  return {
    limit: 1000,
    methods: allMethods,
    statusCodes: passing,
    afterStatusCodes: passing,
    maxRetryAfter: budgetMs,
    jitter: true,
  }
}

/** Milliseconds to wait after so many failures. */
export function delayMs({ firstDelayMs, maxDelayMs }: RetryPolicy, failures: number): number {
  return Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs)
}

/**
 * Sends a request until it succeeds, cannot succeed, or its time is over. Every request of the protocol may be sent
 * again, POST as well. Throws a `TrackwayError` in every case but a defect.
 */
export async function send(destination: Destination, outgoing: Outgoing): Promise<void> {
  const { retry, apiKey } = destination
  let last: unknown
  let looks = 0
  try {
    await ky(outgoing.url, {
      method: outgoing.method,
      headers: { ...outgoing.headers, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
      timeout: false,
      totalTimeout: retry.budgetMs,
      ...(outgoing.signal && { signal: outgoing.signal }),
      // ky decides when to try again. What an attempt is, from a fresh body to the answer's last byte, is ours.
      fetch: (input) =>
        makeAttempt(new Request(input), {
          fetch: destination.fetch,
          makeBody: outgoing.makeBody,
          stallMs,
          receiver: outgoing.receiver,
          // A browser keeps answers, also those that turned out to be wrong.
          ...(looks > 0 && { init: { cache: 'reload' } }),
        }),
      retry: {
        ...retryOptions(retry),
        ...(outgoing.once && { limit: 0 }),
        delay: (count) => delayMs(retry, count),
        shouldRetry({ error }) {
          last = error
          if (outgoing.signal?.aborted) return false
          if (isIntegrityError(error)) return (looks += 1) <= 1
          if (error instanceof HTTPError) return retryableByProblem(error)
          return !TrackwayError.isInstance(error) && !isRedirect(error) && !speaksNoTls(error)
        },
      },
    })
  } catch (error) {
    throw explain(error instanceof TimeoutError ? (last ?? error) : error, destination, outgoing)
  }
}

function explain(error: unknown, destination: Destination, { attempted, signal }: Outgoing): unknown {
  if (signal?.aborted) return new AbortedError(signal.reason)
  if (TrackwayError.isInstance(error)) return error
  if (error instanceof HTTPError) return explainResponse(error, attempted, destination)
  return explainNetworkError(error, attempted, destination)
}
