/** When values were measured. */
export interface LogOptions {
  /** The step of the run. Default: one more than the last one, also if the run is continued. */
  step?: number | undefined
  /** At or after the start of 1970. Default: now. */
  time?: Date | undefined
}

/** How a run ends. */
export interface FinishOptions {
  /** Default: `finished`. */
  state?: 'finished' | 'failed' | undefined
  /** Why it failed, in at most 4,096 characters; only for the state `failed`. */
  error?: string | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** How a run is flushed. */
export interface FlushOptions {
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}
