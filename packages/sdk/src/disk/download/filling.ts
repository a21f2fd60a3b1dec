import type { Meter } from '../../calls/meter.ts'
import type { Crew } from '../../tasks/tasks.ts'
import type { BlobScope } from '../../version/version.ts'
import type { Staging } from '../staging/staging.ts'
import type { FindCopies } from './nearby-copies.ts'

/** A staging folder while it is filled. */
export interface Filling {
  scope: BlobScope
  staging: Staging
  crew: Crew
  meter: Meter
  /** Concurrent requests, and with them blobs in memory. */
  concurrency: number
  /** Whether the files are made read-only. */
  readOnly: boolean
  findCopies: FindCopies
  signal?: AbortSignal | undefined
}
