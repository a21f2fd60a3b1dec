import type { RunName, VersionName } from '@trackway/protocol'
import type { Connection } from './connection.ts'

/** Where artifacts are read and made. */
export interface Place {
  connection: Connection
  team: string
  experiment: string
  /** Whether nothing is shown on the terminal, unless a call says otherwise. */
  quiet?: boolean | undefined
  /** The run whose lineage takes note. */
  run?: PlaceRun | undefined
}

/** The run that works in a place. */
export interface PlaceRun {
  name: RunName
  /** Takes note that the run read a version; the server hears of it soon, and before the run makes a version. */
  addInput(input: VersionName): void
  /** Done when the server knows what was noted. */
  flushInputs(signal?: AbortSignal): Promise<void>
}
