/** How long and how often a request is sent again. */
export interface RetryPolicy {
  /** Milliseconds that a request may take in all, with everything that is tried again. Default: 900,000 (15 minutes). */
  budgetMs: number
  /** Milliseconds before it is sent again for the first time; each time twice as many. Default: 300. */
  firstDelayMs: number
  /** Milliseconds between two attempts at the most. Default: 30,000. */
  maxDelayMs: number
}

export const defaultRetryPolicy: RetryPolicy = {
  budgetMs: 15 * 60_000,
  firstDelayMs: 300,
  maxDelayMs: 30_000,
}
