import { callback, flag, signal, whole } from '@trackway/protocol/options'
import type { ProgressListener } from '../progress/progress.ts'

/** Options of every long call. */
export interface LongCallOptions {
  /**
   * Cancels the call at once: it throws an error with the code `aborted` and leaves nothing open. The next
   * call that does the same resumes from what was done by then.
   */
  signal?: AbortSignal | undefined
  /** Called with the progress of the call, at most ten times a second and once at the end. */
  onProgress?: ProgressListener | undefined
  /** Concurrent requests, at most 1,000. Default: 8. */
  concurrency?: number | undefined
  /** Shows nothing on the terminal. */
  quiet?: boolean | undefined
}

/** @internal */
export const longCallKinds = {
  concurrency: whole(8, 1, 1000),
  onProgress: callback('(progress) => console.log(progress)'),
  quiet: flag,
  signal,
}

/** @internal */
export const defaultConcurrency = 8
