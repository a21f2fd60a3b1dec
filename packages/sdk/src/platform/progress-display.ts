import type { Progress } from '../progress/progress.ts'

/** Shows people how far a call is, aside from the data that a program prints. */
export interface ProgressDisplay {
  show(progress: Progress): void
  /** Shows it a last time, or takes it away where the call failed. */
  end(last: Progress | undefined): void
}
