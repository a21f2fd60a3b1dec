import { readFileSync } from 'node:fs'
import { systemCodeOf } from '@trackway/protocol/node'

/** Whether a process of this machine exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process cannot be signaled, but is running.
    return systemCodeOf(error) === 'EPERM'
  }
}

/** Whether a process has ended, even if it was not reaped; false where that cannot be known. */
export function hasEnded(pid: number): boolean {
  return !isRunning(pid) || (processFacts(pid)?.hasEnded ?? false)
}

/** When a process started, in its machine's own count; undefined where that cannot be known. */
export function processFacts(pid: number): { startedAt: string; hasEnded: boolean } | undefined {
  try {
    // The name of the program, in parentheses, may have spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const [state = '', startedAt] = [fields[0], fields[19]]
    return startedAt === undefined ? undefined : { startedAt, hasEnded: 'ZX'.includes(state) }
  } catch {
    return undefined
  }
}
