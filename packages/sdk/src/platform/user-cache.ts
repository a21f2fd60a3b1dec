/**
 * The user's cache folder, for what can be made again. Whatever goes wrong there is as if nothing lay there: a cache is
 * never a reason to fail.
 */
export interface UserCache {
  /** The bytes under a name, such as `manifests/ab/cdef`; undefined where there are none. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Puts bytes under a name, all of them or none, in place of those that are there. Only this user may read them. */
  write(name: string, pieces: readonly Uint8Array[]): Promise<void>
  /** Removes what was not written or read for so many milliseconds below a name; it looks once a day. */
  prune(name: string, olderThanMs: number): Promise<void>
}
