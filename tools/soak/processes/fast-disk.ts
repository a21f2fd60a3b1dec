import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const needed = 2 * 1024 ** 3

/**
 * A folder for files that only have to survive a killed process: written data survives that anyway, and
 * flushing to a real disk would only take long.
 */
export const fastDisk = hasRoom('/dev/shm') ? '/dev/shm' : tmpdir()

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > needed
}
