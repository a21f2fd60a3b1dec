import type { UserCache } from '../user-cache.ts'

/** A page keeps nothing; the browser's own cache holds what the server says may be held. */
export const userCache: UserCache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
  prune: () => Promise.resolve(),
}
