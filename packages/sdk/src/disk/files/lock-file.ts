import { rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import { makeFolders } from './make-folders.ts'
import { isOwned, ownerText, showLife } from './owner-file.ts'

/** Announces that somebody is doing a task, so that others do not have to. */
export interface Lock {
  release(): Promise<void>
}

const noLock: Lock = { release: () => Promise.resolve() }

/** False for a file in a read-only folder. */
async function isRemoved(path: string): Promise<boolean> {
  try {
    await rm(path, { force: true })
    return true
  } catch {
    return false
  }
}

/**
 * Tries to take a lock file: `held` if somebody else has it. Two processes that find the same dead holder at
 * the same time may both get the lock, so it may save work, but nothing may rely on it. If no lock file can
 * be created, everybody gets the lock.
 */
export async function tryLock(path: string): Promise<Lock | 'held'> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      await makeFolders(dirname(path))
      await writeFile(path, ownerText(), { flag: 'wx' })
      const life = showLife(path)
      return {
        async release() {
          life.stop()
          await rm(path, { force: true }).catch(() => {})
        },
      }
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') return noLock
      if (await isOwned(path)) return 'held'
      if (!(await isRemoved(path))) return noLock
    }
  }
  return 'held'
}
