import type { ProgressListener } from '../progress/progress.ts'

/** What every long call takes. */
export interface LongCallOptions {
  /**
   * Ends the call at once: it throws an error with the code `aborted` and leaves nothing open. What was done by then is
   * taken up by the next call that does the same.
   */
  signal?: AbortSignal | undefined
  /** Is told how far the call is, at most ten times a second and once at the end. */
  onProgress?: ProgressListener | undefined
  /** Requests at a time, at most 1,000. Default: 8. */
  concurrency?: number | undefined
  /** Shows nothing on the terminal. */
  quiet?: boolean | undefined
}

export const defaultConcurrency = 8
