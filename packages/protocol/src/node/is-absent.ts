import { statSync } from 'node:fs'
import { systemCodeOf } from './file-failure.ts'

/** Whether nothing exists at a path; false if that cannot be known, as in a folder without permission. */
export function isAbsent(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')
  }
}
