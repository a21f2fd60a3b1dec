import type { Digest, Tag } from '@trackway/protocol'

/** What an upload came to. */
export interface UploadResult {
  /** The tag of the version. */
  tag: Tag
  /** The digest of the version. */
  digest: Digest
  /** False where the content equals the version that it started from, or the latest: then that is the version. */
  created: boolean
  /** The version that this one was made from. */
  base: Tag | undefined
  /** Entries. */
  files: number
  /** Bytes of all entries together. */
  bytes: number
  /** Bytes that were sent. */
  uploadedBytes: number
  /** Bytes that had not to be sent, since the server has them, they occur more than once, or they stay elsewhere. */
  reusedBytes: number
}
