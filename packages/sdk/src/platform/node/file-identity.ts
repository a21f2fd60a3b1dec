import type { BigIntStats } from 'node:fs'

/**
 * How long a change may go unseen by a file's times: FAT counts two seconds. Whatever was changed this lately may be
 * changed again without a trace, as git's documentation of its index has it ("racy git").
 */
const youngMs = 2_500

/**
 * What tells one state of a file from another: size, both times in nanoseconds, inode and device. Undefined for a file
 * that was changed so lately that the next change may look the same, and for one that states no bytes, which files of
 * /proc do whatever they hold.
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
