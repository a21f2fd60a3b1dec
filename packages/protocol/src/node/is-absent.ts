import { statSync } from 'node:fs'
import { systemCodeOf } from './file-failure.ts'

/** Whether there is nothing at a path; false where that cannot be known, as in a folder that may not be looked into. */
export function isAbsent(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')
  }
}
