/** The progress of a long call. */
export interface Progress {
  /**
   * `read`: files are read, while new content is already sent; `upload`: the rest is sent; `commit`: the
   * version is made; `download`: bytes are fetched; `verify`: files are compared.
   */
  phase: 'read' | 'upload' | 'commit' | 'download' | 'verify'
  /** Files that are done. */
  files: number
  /** Number of all files. */
  totalFiles: number
  /** Bytes that are done: stored, reused or written. */
  bytes: number
  /** Number of all bytes, as far as is known. */
  totalBytes: number
  /**
   * The part of `bytes` that did not have to be sent or fetched: it was present, or occurs more than once.
   */
  reusedBytes: number
  /** The part of those bytes that occurs more than once in an upload: it is sent once. */
  duplicateBytes: number
  /** Average since the beginning. */
  bytesPerSecond: number
}

/** Called with the progress of a call, at most ten times a second and once at the end. */
export type ProgressListener = (progress: Progress) => void
