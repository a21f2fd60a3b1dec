import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import type { Manifests } from '../manifests.ts'
import type { ClockAndIds } from '../clock-and-ids.ts'
import type { CheckOptions, CheckReport, Damage } from './report.ts'

/** What is in the store of a team. */
export interface Listed {
  infos: readonly ObjectInfo[]
  /** All keys. */
  keys: ReadonlySet<string>
}

/** What the parts of a check share. */
export interface CheckContext {
  store: ObjectStore
  manifests: Manifests
  clockAndIds: ClockAndIds
  team: string
  options: CheckOptions
  /** Counters of the check under way. */
  report: CheckReport
  /** Records a damage; if the object is known already, adds the versions to that entry. */
  found: (damage: Damage) => void
}
