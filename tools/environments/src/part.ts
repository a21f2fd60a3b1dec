import type { Packed } from './packed.ts'

/** The result of one trial. */
export interface Outcome {
  name: string
  /** Milliseconds. */
  ms: number
  /** The error, if it failed. */
  failure?: string
  /** Additional information. */
  note?: string
}

/** A trial. What it returns is shown next to its name; if it throws, it has failed. */
export type Trial = () => Promise<string | void>

/** Trials by name, which run concurrently. */
export type Part = (packed: Packed) => Record<string, Trial> | Promise<Record<string, Trial>>
