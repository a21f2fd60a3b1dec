import { lstat, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import { moveChildren } from './move-children.ts'
import { isVacant } from './target.ts'

const windows = process.platform === 'win32'
const taken = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'])
/** What a system says that does not rename a folder, but may let its children be moved: of an overlay's lower layer, say. */
const fixed = new Set(['EXDEV', 'EBUSY', 'EPERM', 'EACCES'])

/**
 * Renames what is in a staging folder's `content` to the target, at once. What was there, itself and not where it leads if
 * it is a link, is first moved aside. False where something is there and `overwrite` is not set.
 */
export async function replaceTarget(root: string, target: string, overwrite: boolean): Promise<boolean> {
  const content = join(root, 'content')
  // Windows does not rename over a folder, not even over an empty one.
  if (windows) await rmdir(target).catch(() => {})
  const refusal = await tryRename(content, target)
  if (refusal === undefined) return true
  const isFolder = (await lstat(target).catch(() => undefined))?.isDirectory() ?? false
  const code = systemCodeOf(refusal) ?? ''
  if (taken.has(code) || (windows && code === 'EPERM')) {
    if (!overwrite) return isFolder && (await isVacant(target)) && (await moveChildren(root, target, false))
    return putInPlace(root, target, isFolder)
  }
  if (isFolder && fixed.has(code)) return moveChildren(root, target, overwrite)
  throw refusal
}

async function putInPlace(root: string, target: string, isFolder: boolean): Promise<boolean> {
  const aside = join(root, 'replaced')
  const refusal = await tryRename(target, aside)
  if (refusal !== undefined) {
    if (isFolder && fixed.has(systemCodeOf(refusal) ?? '')) return moveChildren(root, target, true)
    throw refusal
  }
  try {
    await rename(join(root, 'content'), target)
    return true
  } catch (error) {
    await rename(aside, target)
    throw error
  }
}

/** What the system says against it; undefined where it was done. */
async function tryRename(from: string, to: string): Promise<unknown> {
  try {
    await rename(from, to)
    return undefined
  } catch (error) {
    return error
  }
}
