import type { RunReference } from '@trackway/protocol'
import type { Connection } from '../http/connection.ts'

/** Where artifacts are read and made. */
export interface Place {
  connection: Connection
  team: string
  experiment: string
  /** The run whose lineage takes note. */
  run?: RunReference | undefined
}
