import type { Digest } from '@trackway/protocol'
import type { Staging } from '../platform/file-system.ts'
import type { Crew } from '../platform/tasks.ts'
import type { ProgressCount } from '../calls/count-progress.ts'
import type { BlobPlace } from '../version/version.ts'

/** Files of this machine that should have a digest. */
export type FindCopies = (digest: Digest) => readonly string[]

/** What a download works with. */
export interface DownloadContext {
  place: BlobPlace
  staging: Staging
  crew: Crew
  progress: ProgressCount
  /** Requests, and with them blobs in memory, at a time. */
  concurrency: number
  /** Whether nobody shall write to the files. */
  readOnly: boolean
  findCopies: FindCopies
  signal?: AbortSignal | undefined
}
