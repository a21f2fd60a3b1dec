import type { BigIntStats } from 'node:fs'
import { fileIdentity } from './file-identity.ts'

/** What a path leads to. */
export interface FileFacts {
  kind: 'file' | 'folder' | 'other'
  /** Bytes. */
  size: number
  /** Whether anybody may execute it. Unknown on Windows. */
  executable: boolean
  /**
   * Changes whenever the content may have changed. Undefined for a file too recent for that to be certain.
   */
  identity?: string | undefined
}

const windows = process.platform === 'win32'

export function factsOf(stats: BigIntStats): FileFacts {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
  return { kind, size: Number(stats.size), executable: isExecutable(stats), identity: fileIdentity(stats) }
}

export function isExecutable({ mode }: BigIntStats): boolean {
  return !windows && (mode & 0o111n) !== 0n
}
