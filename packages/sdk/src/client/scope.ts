import type { RunName, VersionName } from '@trackway/protocol'
import type { Connection } from './connection.ts'

/** Where artifacts are read and made. */
export interface Scope {
  connection: Connection
  team: string
  experiment: string
  /** Whether nothing is shown on the terminal, unless a call says otherwise. */
  quiet?: boolean | undefined
  /** The run whose lineage is recorded. */
  run?: ScopeRun | undefined
}

/** The run that works in a scope. */
export interface ScopeRun {
  name: RunName
  /**
   * Records that the run read a version; it is sent to the server soon, and before the run makes a version.
   */
  addInput(input: VersionName): void
  /** Resolves when everything recorded was sent to the server. */
  flushInputs(signal?: AbortSignal): Promise<void>
}
