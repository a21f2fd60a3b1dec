import { tagNumber } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { walkAssets } from './list-assets.ts'

/** Milliseconds for which an interrupted download can be resumed. */
const resumableMs = 24 * 60 * 60 * 1000

/**
 * Removes what interrupted downloads and removals left in the assets directory: folders in which nothing was
 * touched for a day, and locks whose holder has ended. A download in progress touches its folder all the
 * time.
 */
export async function removeLeftovers(): Promise<void> {
  const top = fileSystem.assetsDirectory()
  for await (const { path, items } of walkAssets(top)) {
    for (const { name, kind } of items) {
      const item = fileSystem.join(path, name)
      if (kind === 'folder' && fileSystem.isStagingName(name)) {
        if (!(await isTouched(item, Date.now() - resumableMs))) await fileSystem.stored.remove(item, top)
      } else if (kind === 'file' && isLock(name)) {
        const lock = await fileSystem.tryLock(item)
        if (lock === 'held') continue
        await lock.release()
        // The folder is gone by now, and folders above it may be empty.
        await fileSystem.stored.remove(item, top)
      }
    }
  }
}

function isLock(name: string): boolean {
  return name.endsWith('.lock') && tagNumber(name.slice(0, -'.lock'.length)) !== undefined
}

/** Whether anything in a folder was touched since; true if that is unknown, as for another user's folder. */
async function isTouched(path: string, since: number): Promise<boolean> {
  const touchedAt = await fileSystem.stored.usedAt(path)
  if (touchedAt === undefined || touchedAt > since) return true
  if ((await fileSystem.look(path))?.kind !== 'folder') return false
  try {
    for (const { name } of await fileSystem.list(path)) {
      if (await isTouched(fileSystem.join(path, name), since)) return true
    }
    return false
  } catch {
    return true
  }
}
