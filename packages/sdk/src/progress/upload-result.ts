import type { Digest, Tag } from '@trackway/protocol'

/** What an upload came to. */
export interface UploadResult {
  /** The tag of the version. */
  tag: Tag
  /** The digest of the version. */
  digest: Digest
  /**
   * False where the content equals the version that it started from, the latest, or one that somebody else made
   * meanwhile: then that is the version.
   */
  created: boolean
  /**
   * What was given with the content and is not the version's: where nothing was created, its description and metadata
   * stay as they are. `session.updateVersion` changes them.
   */
  dropped: ('description' | 'metadata')[]
  /** The version that this one was made from. */
  base: Tag | undefined
  /** How many entries it has. */
  fileCount: number
  /** Bytes of all entries together. */
  size: number
  /** Bytes that were sent. */
  uploadedBytes: number
  /** Bytes that did not have to be sent, since the server has them, they occur more than once, or they stay elsewhere. */
  reusedBytes: number
}
