/** How far a long call is. */
export interface Progress {
  /**
   * `read`: files are read, while what is new is sent already; `upload`: the rest is sent; `commit`: the version is
   * made; `download`: bytes are fetched; `verify`: files are compared.
   */
  phase: 'read' | 'upload' | 'commit' | 'download' | 'verify'
  /** Files that are done. */
  files: number
  /** All of them. */
  totalFiles: number
  /** Bytes that are done: stored, reused or written. */
  bytes: number
  /** All that there are to do, as far as is known. */
  totalBytes: number
  /** Of those, bytes that did not have to be sent or fetched: they were there, or occur more than once. */
  reusedBytes: number
  /** Of those, bytes of an upload that occur more than once in it: they are sent once. */
  duplicateBytes: number
  /** On average, since the beginning. */
  bytesPerSecond: number
}

/** Is told how far a call is, at most ten times a second and once at the end. */
export type ProgressListener = (progress: Progress) => void
