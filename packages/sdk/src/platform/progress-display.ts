import type { Progress } from '../progress/progress.ts'

/** Shows the progress of a call, separate from the data that a program prints. */
export interface ProgressDisplay {
  show(progress: Progress): void
  /** Shows it a last time, or removes it if the call failed. */
  end(last: Progress | undefined): void
}
