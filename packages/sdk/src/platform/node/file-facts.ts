import type { BigIntStats } from 'node:fs'
import type { FileFacts } from '../file-system.ts'
import { fileIdentity } from './file-identity.ts'

const windows = process.platform === 'win32'

export function factsOf(stats: BigIntStats): FileFacts {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
  return { kind, size: Number(stats.size), executable: isExecutable(stats), identity: fileIdentity(stats) }
}

export function isExecutable({ mode }: BigIntStats): boolean {
  return !windows && (mode & 0o111n) !== 0n
}
