import type { Digest, Tag } from '@trackway/protocol'

/** The result of an upload. */
export interface UploadResult {
  /** The tag of the version. */
  tag: Tag
  /** The digest of the version. */
  digest: Digest
  /**
   * False if the content equals that of the version that it started from, of the latest version, or of one
   * that somebody else made meanwhile: then that version is the result.
   */
  created: boolean
  /**
   * What was given with the content but is not part of the version: if no version was created, the
   * description and metadata of the existing one are unchanged. `session.updateVersion` changes them.
   */
  dropped: ('description' | 'metadata')[]
  /** The version that this one was made from. */
  base: Tag | undefined
  /** How many entries it has. */
  fileCount: number
  /** The size of all entries together in bytes. */
  size: number
  /** Bytes that were sent. */
  uploadedBytes: number
  /**
   * Bytes that did not have to be sent, since the server has them, they occur more than once, or they stay
   * elsewhere.
   */
  reusedBytes: number
}
