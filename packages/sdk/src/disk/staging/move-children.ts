import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import { flushFile, flushFolder } from '../files/flush-files.ts'
import { tryLock } from '../files/lock-file.ts'
import { lockOf } from './staging-name.ts'
import { contentOf, isVacant } from './target.ts'

/** Marks that children are being moved. Contains their names. */
const markerName = 'moving'
const oldName = 'old'
const waitMs = 20

/**
 * Moves the content of a staging folder's `content` one by one into a target that cannot be replaced itself,
 * and previous content aside. False if the target has content and `overwrite` is not set. Before the first
 * one moves, their names are written and flushed: a process that finds a staging folder with such a list,
 * whose owner is gone, can move everything back.
 */
export async function moveChildren(root: string, target: string, overwrite: boolean): Promise<boolean> {
  const lock = await lockTarget(target)
  try {
    if (!overwrite && !(await isVacant(target))) return false
    const content = join(root, 'content')
    const names = await readdir(content)
    await writeFile(join(root, markerName), JSON.stringify(names))
    await mkdir(join(root, oldName), { recursive: true })
    await flushFile(join(root, markerName))
    await flushFolder(root)
    try {
      for (const name of await contentOf(target))
        if (name !== 'lost+found') await moveAside(join(target, name), join(root, oldName, name))
      for (const name of names) await rename(join(content, name), join(target, name))
      await flushFolder(target)
    } catch (error) {
      await takeBack(root, target)
      throw error
    }
    // From here on the target is complete, and nothing is undone.
    await rm(join(root, markerName))
    await flushFolder(root)
    return true
  } finally {
    await lock.release()
  }
}

/** Whether moving children out of a staging folder was begun and not completed. */
export async function isMoving(root: string): Promise<boolean> {
  return exists(join(root, markerName))
}

/**
 * Undoes the moves, and restores the previous content. A name that `content` still has was not moved: what
 * the target has under that name is previous content.
 */
export async function takeBack(root: string, target: string): Promise<void> {
  const content = join(root, 'content')
  for (const name of await namesIn(join(root, markerName)))
    if (!(await exists(join(content, name))))
      await rename(join(target, name), join(content, name)).catch(() => {})
  const old = join(root, oldName)
  for (const name of await readdir(old).catch(() => []))
    if (!(await exists(join(target, name)))) await rename(join(old, name), join(target, name))
  await flushFolder(target)
  await rm(join(root, markerName))
}

/** A truncated list was not flushed yet, and nothing moved before it was. */
async function namesIn(marker: string): Promise<string[]> {
  const text = await readFile(marker, 'utf8')
  try {
    return JSON.parse(text) as string[] // Written only by this module.
  } catch {
    return []
  }
}

/** A folder of an overlay's lower layer cannot be renamed, only removed. */
async function moveAside(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside)
  } catch (error) {
    if (systemCodeOf(error) !== 'EXDEV') throw error
    await rm(path, { recursive: true, force: true })
  }
}

/** Two processes that moved into one target at once would leave a mixture. */
async function lockTarget(target: string) {
  for (;;) {
    const lock = await tryLock(lockOf(target))
    if (lock !== 'held') return lock
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}
