import { lstat, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import { moveChildren } from './move-children.ts'
import { isVacant } from './target.ts'

const windows = process.platform === 'win32'
const taken = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'])
/**
 * The system's error codes if it does not rename a folder but may move its children, for example an overlay's
 * lower layer.
 */
const fixed = new Set(['EXDEV', 'EBUSY', 'EPERM', 'EACCES'])

/**
 * Renames a staging folder's `content` to the target atomically. Previous content, or the link itself if it
 * is a link, is moved aside first. False if there is previous content and `overwrite` is not set.
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

/** The system's objection; undefined if it succeeded. */
async function tryRename(from: string, to: string): Promise<unknown> {
  try {
    await rename(from, to)
    return undefined
  } catch (error) {
    return error
  }
}
