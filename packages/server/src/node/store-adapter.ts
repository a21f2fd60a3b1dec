import type { ObjectStore } from '../stores/object-store.ts'

/** Opens the stores that URLs of one scheme name. */
export interface StoreAdapter {
  /** How a location is written, without parameters. */
  form: string
  /** The parameters that most locations need. */
  parameters: string
  /** Opens a store, without a request to it. Throws `option_invalid`. */
  open(location: string): Promise<ObjectStore>
  /** Whether only one process may write to the store at a time. Throws `option_invalid`. */
  needsExclusiveWriter(location: string): boolean
}
