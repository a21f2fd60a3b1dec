import { join } from 'node:path'
import { tagNumber } from '@trackway/protocol'
import { walkAssets } from './list-assets.ts'
import { assetsDirectory } from '../folder/assets-directory.ts'
import { list, look } from '../files/files.ts'
import { tryLock } from '../files/lock-file.ts'
import { removeFolder, lastUseOf } from '../files/stored-folders.ts'
import { isStagingName } from '../staging/staging-name.ts'

/** Milliseconds for which an interrupted download can be resumed. */
const resumableMs = 24 * 60 * 60 * 1000

/**
 * Removes what interrupted downloads and removals left in the assets directory: folders in which nothing was
 * touched for a day, and locks whose holder has ended. A download in progress touches its folder all the
 * time.
 */
export async function removeLeftovers(): Promise<void> {
  const top = assetsDirectory()
  for await (const { path, items } of walkAssets(top)) {
    for (const { name, kind } of items) {
      const item = join(path, name)
      if (kind === 'folder' && isStagingName(name)) {
        if (!(await isTouched(item, Date.now() - resumableMs))) await removeFolder(item, top)
      } else if (kind === 'file' && isLock(name)) {
        const lock = await tryLock(item)
        if (lock === 'held') continue
        await lock.release()
        // The folder is gone by now, and folders above it may be empty.
        await removeFolder(item, top)
      }
    }
  }
}

function isLock(name: string): boolean {
  return name.endsWith('.lock') && tagNumber(name.slice(0, -'.lock'.length)) !== undefined
}

/** Whether anything in a folder was touched since; true if that is unknown, as for another user's folder. */
async function isTouched(path: string, since: number): Promise<boolean> {
  const touchedAt = await lastUseOf(path)
  if (touchedAt === undefined || touchedAt > since) return true
  if ((await look(path))?.kind !== 'folder') return false
  try {
    for (const { name } of await list(path)) {
      if (await isTouched(join(path, name), since)) return true
    }
    return false
  } catch {
    return true
  }
}
