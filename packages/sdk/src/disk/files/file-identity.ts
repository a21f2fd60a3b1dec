import type { BigIntStats } from 'node:fs'

/**
 * How long a change may not show in a file's times: FAT counts in two seconds. A file that was changed this
 * recently may change again without a trace, as git's documentation of its index says ("racy git").
 */
const youngMs = 2_500

/**
 * Identifies the state of a file: size, both times in nanoseconds, inode and device. Undefined for a file
 * that was changed so recently that the next change may look the same, and for one with a reported size of 0,
 * as files of /proc have whatever their content.
 */
export function fileIdentity(
  { size, mtimeNs, ctimeNs, ino, dev }: BigIntStats,
  now = Date.now(),
): string | undefined {
  if (size === 0n) return undefined
  const changedAt = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
  if (changedAt > BigInt(now - youngMs) * 1_000_000n) return undefined
  return `${size} ${mtimeNs} ${ctimeNs} ${ino} ${dev}`
}
