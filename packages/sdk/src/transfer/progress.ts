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
  /** Of those, bytes that had not to be sent, since they are stored already. */
  reusedBytes: number
  /** On average, since the beginning. */
  bytesPerSecond: number
}

/** Is told how far a call is, at most ten times a second and once at the end. */
export type ProgressListener = (progress: Progress) => void
