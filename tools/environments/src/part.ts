import type { Packed } from './packed.ts'

/** What came of one trial. */
export interface Outcome {
  name: string
  /** Milliseconds. */
  ms: number
  /** What failed; undefined where nothing did. */
  failure?: string
  /** What was found out besides. */
  note?: string
}

/** Something to try: what it answers is shown beside its name, and what it throws is its failure. */
export type Trial = () => Promise<string | void>

/** A part of what is tried: trials by their names. They run beside each other. */
export type Part = (packed: Packed) => Record<string, Trial> | Promise<Record<string, Trial>>
