import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isMoving, takeBack } from './move-children.ts'
import { isOwned, ownerText, showLife } from '../files/owner-file.ts'
import { isStagingName, lockOf } from './staging-name.ts'
import type { Way } from './target.ts'

const ownerFile = 'owner'

/** A staging folder that belongs to this process. */
export interface OwnedFolder {
  path: string
  /** Releases the folder, so that the next download can resume from its content. */
  leave(): Promise<void>
  /** Stops the heartbeat, before the folder is removed. */
  end(): void
}

/**
 * A staging folder beside a target or inside it, with the leftovers of an interrupted download. No lock
 * decides who gets those: taking them over is a rename, at which only one process succeeds.
 */
export async function takeFolder(target: string, way: Way): Promise<OwnedFolder> {
  const path = freshName(way === 'inside' ? `${target}/` : target)
  const owner = join(path, ownerFile)
  await mkdir(path, { mode: 0o700 })
  try {
    await writeFile(owner, ownerText())
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw error
  }
  for (const other of await leftBehind(target)) {
    if (other !== path && (await takeOver(other, path))) break
  }
  const life = showLife(owner)
  return {
    path,
    async leave() {
      life.stop()
      await rm(owner, { force: true })
    },
    end: () => life.stop(),
  }
}

/**
 * Removes the leftovers of interrupted downloads to a target that needs nothing of them: a process that is
 * killed after its last step leaves a folder without content. What cannot be removed is left for the next
 * download.
 */
export async function removeStaging(target: string): Promise<void> {
  const lock = lockOf(target)
  if (!(await isOwned(lock))) await rm(lock, { force: true }).catch(() => {})
  for (const other of await leftBehind(target)) {
    await takeAway(other)
      .then((away) => rm(away, { recursive: true, force: true }))
      .catch(() => {})
  }
}

/**
 * If a download died while it moved its content into a target one by one, undoes the moves and restores the
 * previous content: as if it had died just before.
 */
export async function settleStaging(target: string): Promise<void> {
  for (const other of await leftBehind(target)) {
    if (!(await isMoving(other))) continue
    const away = await takeAway(other).catch(() => undefined)
    if (away === undefined) continue
    // While this process owns it, no other download takes it over.
    await writeFile(join(away, ownerFile), ownerText())
    await takeBack(away, target)
    await rm(join(away, ownerFile), { force: true })
  }
}

/**
 * First to a name of our own, so that no other process takes it over meanwhile. It is still a staging folder
 * of the target.
 */
async function takeAway(other: string): Promise<string> {
  const away = freshName(other.replace(/\.trackway-[0-9a-f]{12}$/, ''))
  await rename(other, away)
  return away
}

function freshName(target: string): string {
  return `${target}.trackway-${randomBytes(6).toString('hex')}`
}

/** Staging folders of a target, beside it and inside, that this process may take and whose owner is gone. */
async function leftBehind(target: string): Promise<string[]> {
  const parent = dirname(target)
  const [beside, inside] = await Promise.all(
    [parent, target].map((folder) => readdir(folder).catch(() => [])),
  )
  const paths = [
    ...(beside ?? [])
      .filter((name) => name.startsWith(`${basename(target)}.trackway-`))
      .map((name) => join(parent, name)),
    ...(inside ?? []).filter((name) => name.startsWith('.trackway-')).map((name) => join(target, name)),
  ]
  const found: string[] = []
  for (const path of paths)
    if (isStagingName(basename(path)) && (await isOurKind(path)) && (await isAbandoned(path)))
      found.push(path)
  return found
}

/**
 * Whether a folder is one that this module made: a folder and not a link to one, owned by this user, and not
 * writable by others. A folder that another user put beside the target would be written through, or moved,
 * with this user's rights.
 */
async function isOurKind(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined || !stats.isDirectory()) return false
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0)
}

/** Whether no process writes into a staging folder any more. */
async function isAbandoned(folder: string): Promise<boolean> {
  return !(await isOwned(join(folder, ownerFile)))
}

/** Moves the content of another staging folder into our own. False if another process was faster. */
async function takeOver(other: string, own: string): Promise<boolean> {
  // First to a name that no process looks for, so that from here on it is ours.
  const taken = join(own, 'taken')
  try {
    await rename(other, taken)
  } catch {
    return false
  }
  // Checked once more where no other user can change it.
  const isOurs = await isOurKind(taken)
  for (const name of isOurs ? ['content', 'replaced'] : [])
    await rename(join(taken, name), join(own, name)).catch(() => {})
  await rm(taken, { recursive: true, force: true })
  return isOurs
}
