/** How long and how often a request is retried. */
export interface RetryPolicy {
  /** Milliseconds that a request may take in total, including all retries. Default: 900,000 (15 minutes). */
  budgetMs: number
  /** Milliseconds before the first retry; doubled for each further one. Default: 300. */
  firstDelayMs: number
  /** At most so many milliseconds between two attempts. Default: 30,000. */
  maxDelayMs: number
}

export const defaultRetryPolicy: RetryPolicy = {
  budgetMs: 15 * 60_000,
  firstDelayMs: 300,
  maxDelayMs: 30_000,
}
