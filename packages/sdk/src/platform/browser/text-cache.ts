import type { TextCache } from '../text-cache.ts'

/** A page stores nothing. */
export const textCache: TextCache = {
  keep: () => Promise.resolve(),
  read: () => Promise.resolve(undefined),
  forget: () => Promise.resolve(),
}
