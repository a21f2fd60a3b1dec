import { backoffMs, retryAfterMs } from '@trackway/protocol'
import { HTTPError, type RetryOptions } from 'ky'

/** How long and how often a request is retried. */
export interface RetryPolicy {
  /** Milliseconds that a request may take in total, including all retries. Default: 900,000 (15 minutes). */
  budgetMs: number
  /** Milliseconds before the first retry; doubled for each further one. Default: 300. */
  firstDelayMs: number
  /** At most so many milliseconds between two attempts. Default: 30,000. */
  maxDelayMs: number
}

/** @internal */
export const defaultRetryPolicy: RetryPolicy = {
  budgetMs: 15 * 60_000,
  firstDelayMs: 300,
  maxDelayMs: 30_000,
}

/**
 * Lets ky retry, whatever the method, until `mayRetry` says no; after a longer time for each failure, or when
 * the server says. `failuresOf` returns how many failures count, of as many in total.
 *
 * @internal
 */
export function retryOptions(
  policy: RetryPolicy,
  mayRetry: (error: Error) => boolean,
  failuresOf = (total: number) => total,
): RetryOptions {
  let last: Error
  return {
    limit: Number.MAX_SAFE_INTEGER,
    methods: ['get', 'put', 'post', 'head', 'delete'],
    shouldRetry({ error }) {
      last = error
      return mayRetry(error)
    },
    delay: (total) => askedMs(last) || backoffMs(policy, failuresOf(total)),
  }
}

/**
 * Whether an answer asks for a wait that is longer than the remaining time.
 *
 * @internal
 */
export function asksTooLong(error: unknown, leftMs: number): boolean {
  return askedMs(error) > leftMs
}

function askedMs(error: unknown): number {
  return (error instanceof HTTPError && retryAfterMs(error.response.headers)) || 0
}
