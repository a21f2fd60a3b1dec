/**
 * The user's cache folder, for data that can be made again. Any failure there is treated as an empty cache,
 * and never fails a call.
 */
export interface UserCache {
  /** The bytes under a name, such as `manifests/ab/cdef`; undefined if there are none. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Atomically stores bytes under a name, replacing previous ones. Only this user may read them. */
  write(name: string, pieces: readonly Uint8Array[]): Promise<void>
  /** Removes what was not written or read for this many milliseconds below a name; runs once a day. */
  prune(name: string, olderThanMs: number): Promise<void>
}
