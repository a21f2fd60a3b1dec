import { TrackwayError } from '@trackway/protocol'
import type { ProgressListener } from '../transfer/progress.ts'

/** What every long call takes. */
export interface LongCallOptions {
  /**
   * Ends the call at once: it throws an error with the code `aborted` and leaves nothing open. What was done by then is
   * taken up by the next call that does the same.
   */
  signal?: AbortSignal | undefined
  /** Is told how far the call is, at most ten times a second and once at the end. */
  onProgress?: ProgressListener | undefined
  /** Requests at a time. Default: 8. */
  concurrency?: number | undefined
  /** Shows nothing on the terminal. */
  quiet?: boolean | undefined
}

const defaultConcurrency = 8

/** The concurrency asked for. Throws `option_invalid` unless it is a whole number from 1 to 1,000. */
export function checkConcurrency(concurrency = defaultConcurrency): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 1000) return concurrency
  throw new TrackwayError(
    'option_invalid',
    `{ concurrency: ${concurrency} } is not possible; give a whole number from 1 to 1000`,
  )
}
