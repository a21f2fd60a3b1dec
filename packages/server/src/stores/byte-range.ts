import type { ByteRange } from './object-store.ts'

/** Clips a range to an object of `size` bytes. Without a range: the whole object. */
export function clampRange(range: ByteRange | undefined, size: number): ByteRange {
  if (range === undefined) return { start: 0, end: size }
  const start = Math.min(Math.max(range.start, 0), size)
  return { start, end: Math.min(Math.max(range.end, start), size) }
}
