import type { Digest } from '@trackway/protocol'
import type { Staging } from '../platform/file-system.ts'
import type { Crew } from '../platform/tasks.ts'
import type { ProgressCount } from '../calls/count-progress.ts'
import type { BlobScope } from '../version/version.ts'

/** Files on this machine that should have a digest. */
export type FindCopies = (digest: Digest) => readonly string[]

/** What a download works with. */
export interface DownloadContext {
  scope: BlobScope
  staging: Staging
  crew: Crew
  progress: ProgressCount
  /** Concurrent requests, and with them blobs in memory. */
  concurrency: number
  /** Whether the files are made read-only. */
  readOnly: boolean
  findCopies: FindCopies
  signal?: AbortSignal | undefined
}
