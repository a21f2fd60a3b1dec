import type { UserCache } from '../user-cache.ts'

/** A page stores nothing; the browser's own cache keeps what the server allows. */
export const userCache: UserCache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
  prune: () => Promise.resolve(),
}
