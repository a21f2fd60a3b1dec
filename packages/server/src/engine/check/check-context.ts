import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import type { Manifests } from '../manifests.ts'
import type { Surroundings } from '../surroundings.ts'
import type { CheckOptions, CheckReport, Damage } from './report.ts'

/** What lies in the store of a team. */
export interface Listed {
  infos: readonly ObjectInfo[]
  /** The keys of all. */
  keys: ReadonlySet<string>
}

/** What the parts of a check share. */
export interface CheckContext {
  store: ObjectStore
  manifests: Manifests
  surroundings: Surroundings
  team: string
  options: CheckOptions
  /** What is counted while the check goes on. */
  report: CheckReport
  /** Notes a damage; one of an object that is known already adds its versions to that one. */
  found: (damage: Damage) => void
}
