import type { Scene } from './call.ts'

/** One call for the client to make. */
export type CallOrder = { do: 'call'; call: string; limitMs: number } & Omit<
  Scene,
  'folder' | 'signal' | 'fetch'
>

export type ToClient = CallOrder | { do: 'continue' }

export interface Outcome {
  /** The SHA-256 of what came. */
  value?: string
  /** Of the error. */
  code?: string
  said?: string
  ms: number
  /** The most memory that the process had meanwhile. */
  peakMiB: number
}

export type FromClient = { is: 'there' } | { is: 'prepared' } | ({ is: 'done' } & Outcome)
