import type { Digest } from '@trackway/protocol'
import type { Staging } from '../platform/file-system.ts'
import type { Crew } from '../platform/tasks.ts'
import type { ProgressCount } from './progress.ts'
import type { BlobPlace } from './read-slices.ts'

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
  /** A file of this machine that should have a digest; undefined where none is known. */
  findCopy(digest: Digest): string | undefined
  signal?: AbortSignal | undefined
}
