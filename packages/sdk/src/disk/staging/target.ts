import { constants, type Stats } from 'node:fs'
import { access, lstat, readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { mountedFolders } from '@trackway/protocol/node'
import { fileError } from '../files/file-error.ts'
import { isStagingName } from './staging-name.ts'

/**
 * Where a download is written until it is complete: beside its target, or inside it if the target cannot be
 * replaced.
 */
export type Way = 'beside' | 'inside'

/**
 * Determines, before anything is fetched, how a download gets to an absolute path. `replaces` says that
 * existing content has to be removed. Throws `target_exists`, `file_error` if it cannot be removed.
 */
export async function findWay(target: string, { replaces }: { replaces: boolean }): Promise<Way> {
  const found = await lstat(target).catch(() => undefined)
  if (found === undefined) return 'beside'
  const mounts = await mountedFolders()
  if (replaces) await checkReplaceable(target, found, mounts.keys())
  const reason = await whyNotRenamed(target, found, mounts)
  if (reason === undefined) return 'beside'
  if (found.isDirectory()) return 'inside'
  throw refused(target, `${reason}, so it cannot be replaced`)
}

/** Why a folder or file cannot be renamed; undefined if it can. */
async function whyNotRenamed(
  target: string,
  found: Stats,
  mounts: Map<string, string>,
): Promise<string | undefined> {
  const parent = dirname(target)
  const above = await stat(parent)
  // A part of a file system that is mounted elsewhere has the same device.
  if (found.dev !== above.dev || mounts.has(target)) return 'it is a mount point'
  if (!(await mayWrite(parent))) return `${parent} cannot be written to`
  if (isKept(above, found)) return `it belongs to another user, in a folder where only owners may move things`
  return found.isDirectory() && isWithin(currentFolder(), target) ? 'it is the current folder' : undefined
}

/** Whether a folder has no content of a user: only the file system's own files at its top, and ours. */
export async function isVacant(folder: string): Promise<boolean> {
  const names = await contentOf(folder)
  if (names.length === 0) return true
  if (names.length > 1 || names[0] !== 'lost+found') return false
  const [own, above] = await Promise.all([stat(folder), stat(dirname(folder))])
  return own.dev !== above.dev || (await mountedFolders()).has(folder)
}

/** The content of a folder, without folders into which downloads write. */
export async function contentOf(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => !isStagingName(name))
}

/** Throws if something in a target could not be removed, or must not be. */
async function checkReplaceable(target: string, found: Stats, mounts: Iterable<string>): Promise<void> {
  if (!found.isDirectory()) return
  for (const mount of mounts) {
    if (mount !== target && isWithin(mount, target)) throw refused(target, `something is mounted at ${mount}`)
  }
  const current = currentFolder()
  if (current !== target && isWithin(current, target))
    throw refused(target, 'it contains the current folder; change to another folder first')
  await checkRemovable(target)
}

/**
 * The system lets users remove content of a folder that they may write to, and in a sticky folder only what
 * is theirs.
 */
async function checkRemovable(top: string): Promise<void> {
  const folders = [top]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      const items = await readdir(folder, { withFileTypes: true })
      const isEmpty = items.every(({ name }) => isLeft(name, folder === top))
      if (isEmpty) continue
      const stats = await stat(folder)
      const isBound = isSticky(stats) && !isOwn(stats)
      if (!(await mayWrite(folder))) throw refused(top, `the content of ${folder} cannot be removed`, stats)
      for (const item of items) {
        if (isLeft(item.name, folder === top)) continue
        const path = join(folder, item.name)
        if (isBound && isKept(stats, await lstat(path)))
          throw refused(top, `${path} cannot be removed`, stats)
        if (item.isDirectory()) folders.push(path)
      }
    } catch (error) {
      throw fileError(error, 'Replacing', folder)
    }
  }
}

/** What stays at the top of a target whatever is moved into it. */
function isLeft(name: string, isTop: boolean): boolean {
  return isTop && (name === 'lost+found' || isStagingName(name))
}

function refused(target: string, why: string, { uid }: Partial<Stats> = {}): TrackwayError {
  const owner = uid === undefined || uid === process.getuid?.() ? '' : ` (it belongs to user ${uid})`
  return new TrackwayError(
    'file_error',
    `Replacing ${target}: ${why}${owner}; nothing was changed. Choose another folder, or remove this one yourself first`,
    { details: { path: target } },
  )
}

async function mayWrite(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether a sticky folder keeps this user from moving or removing something. */
function isKept(folder: Stats, item: Stats): boolean {
  return isSticky(folder) && !isOwn(folder) && !isOwn(item)
}

function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0
}

function isOwn({ uid }: Stats): boolean {
  const user = process.getuid?.()
  return user === undefined || user === 0 || user === uid
}

/** Undefined if it was removed. */
function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

function isWithin(path: string | undefined, folder: string): boolean {
  if (path === undefined) return false
  const between = relative(folder, path)
  return between === '' || (between.split(sep)[0] !== '..' && !between.startsWith(sep))
}
