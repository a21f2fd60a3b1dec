import type { ByteRange } from './object-store.ts'

/** The part of a range that is within an object of `size` bytes; the whole object if there is no range. */
export function clampRange(range: ByteRange | undefined, size: number): ByteRange {
  if (range === undefined) return { start: 0, end: size }
  const start = Math.min(Math.max(range.start, 0), size)
  return { start, end: Math.min(Math.max(range.end, start), size) }
}
