import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isOwned, ownerText, showLife } from './owner-file.ts'

const ownerFile = 'owner'

/** A staging folder that belongs to this process. */
export interface OwnedFolder {
  path: string
  /** Gives up the folder, so that whoever comes next may go on with what lies in it. */
  leave(): Promise<void>
  /** Stops showing life, before the folder is removed. */
  end(): void
}

/** Whether a name is that of a staging folder. */
export function isStagingName(name: string): boolean {
  return /\.trackway-[0-9a-f]{12}$/.test(name)
}

/**
 * A staging folder beside a target, and in it what a download left behind which is no more. No lock decides who gets
 * that: taking it over is a rename, which only one achieves.
 */
export async function takeFolder(target: string): Promise<OwnedFolder> {
  const path = `${target}.trackway-${randomBytes(6).toString('hex')}`
  const owner = join(path, ownerFile)
  await mkdir(path, { mode: 0o700 })
  await writeFile(owner, ownerText())
  for (const other of await othersOf(target, path)) {
    if ((await isOurKind(other)) && (await isAbandoned(other)) && (await takeOver(other, path))) break
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
 * Removes what downloads that are no more left beside a target that needs nothing of it: one that is killed behind its
 * last step leaves a folder without content. What cannot be removed stays for the next download.
 */
export async function removeStaging(target: string): Promise<void> {
  const others = await othersOf(target, '').catch(() => [])
  for (const other of others) {
    if (!(await isOurKind(other)) || !(await isAbandoned(other))) continue
    await takeFolderAway(other, target).catch(() => {})
  }
}

/** First to a name of one's own, so that nobody else takes it over while it goes. */
async function takeFolderAway(other: string, target: string): Promise<void> {
  const away = `${target}.trackway-${randomBytes(6).toString('hex')}`
  await rename(other, away)
  await rm(away, { recursive: true, force: true })
}

/**
 * Whether a folder is as this module makes them: a folder and no link to one, this user's, and not for others to write to.
 * What another user put beside the target would be written through, or moved, with this user's rights.
 */
async function isOurKind(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined || !stats.isDirectory()) return false
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0)
}

/** Whether nobody writes into a staging folder any more. */
async function isAbandoned(folder: string): Promise<boolean> {
  return !(await isOwned(join(folder, ownerFile)))
}

async function othersOf(target: string, own: string): Promise<string[]> {
  const parent = dirname(target)
  const names = await readdir(parent)
  return names
    .filter((name) => name.startsWith(`${basename(target)}.trackway-`) && isStagingName(name))
    .map((name) => join(parent, name))
    .filter((path) => path !== own)
}

/** Puts what lies in another's folder into one's own. False where somebody else was faster. */
async function takeOver(other: string, own: string): Promise<boolean> {
  // First to a name that nobody looks for, so that from here on it is nobody else's.
  const taken = join(own, 'taken')
  try {
    await rename(other, taken)
  } catch {
    return false
  }
  // Looked at once more where nobody else can change it.
  const isOurs = await isOurKind(taken)
  for (const name of isOurs ? ['content', 'replaced'] : [])
    await rename(join(taken, name), join(own, name)).catch(() => {})
  await rm(taken, { recursive: true, force: true })
  return isOurs
}
