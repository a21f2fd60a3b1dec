import { signal, text } from '@trackway/protocol/options'

/** Which team is meant. */
export interface TeamOptions {
  /** Default: the team of the run in progress, otherwise that of the session. */
  team?: string | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** Which experiment of which team is meant. */
export interface ScopeOptions extends TeamOptions {
  /** Default: the experiment of the run in progress, otherwise that of the session. */
  experiment?: string | undefined
}

/** @internal */
export const scopeKinds = { experiment: text('flowers'), team: text('vision'), signal }
