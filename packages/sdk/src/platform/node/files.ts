import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrackwayError } from '@trackway/protocol'
import { localPath, systemCodeOf } from '@trackway/protocol/node'
import type { FileSystem, FolderItem } from '../file-system.ts'
import { fileError } from './file-error.ts'
import { factsOf } from './file-facts.ts'
import { fileSource } from './file-source.ts'
import { checkName, kindOf } from './folder-items.ts'
import { createSpool } from './spool.ts'
import { tryLock } from './lock-file.ts'
import { isStagingName, removeStaging } from './staging-owner.ts'
import { openStaging } from './staging.ts'
import { storedFolders } from './stored-folders.ts'
import { userCacheFolder } from './user-cache.ts'

/** The files of this machine, through Node's own modules, which Deno and Bun have too. */
export const fileSystem: FileSystem = {
  knowsExecutables: process.platform !== 'win32',
  absolute,
  join,
  baseName: (path) => basename(path),
  isWithin(path, folder) {
    const between = relative(folder, path)
    return between === '' || (between !== '..' && !/^\.\.[/\\]/.test(between) && !isAbsolute(between))
  },
  async look(path) {
    const stats = await unlessAbsent(path, () => stat(path, { bigint: true }))
    return stats && factsOf(stats)
  },
  list,
  realPath: (path) => unlessAbsent(path, () => realpath(path)),
  async readLink(path) {
    return (await unlessAbsent(path, () => readlink(path))) ?? ''
  },
  readText: (path) => unlessAbsent(path, () => readFile(path, 'utf8')),
  source: fileSource,
  createSpool,
  assetsDirectory,
  stored: storedFolders,
  isStagingName,
  tryLock,
  openStaging,
  removeStaging,
}

function absolute(path: string | URL): string {
  if (typeof path === 'string') return localPath(path)
  if (path.protocol === 'file:') return fileURLToPath(path)
  throw new TrackwayError(
    'file_unsupported',
    `${path.href} is not the address of a local file; add what lies there by addReference, or fetch it and add its body`,
  )
}

async function unlessAbsent<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    // A link that leads in a circle leads nowhere, as one does whose target is gone.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return undefined
    throw fileError(error, 'Reading', path)
  }
}

async function list(folder: string): Promise<FolderItem[]> {
  try {
    const items = await readdir(folder, { withFileTypes: true })
    for (const { name } of items) {
      if (name.includes('\uFFFD')) checkName(folder, name, await exists(join(folder, name)))
    }
    return items.map((item) => ({ name: item.name, kind: kindOf(item) }))
  } catch (error) {
    throw fileError(error, 'Reading the folder', folder)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch {
    return false
  }
}

function assetsDirectory(): string {
  const chosen = process.env['TRACKWAY_ASSETS_DIR']
  if (chosen?.trim()) return localPath(chosen)
  const cache = userCacheFolder()
  if (cache !== undefined) return join(cache, 'trackway', 'assets')
  throw new TrackwayError(
    'config_invalid',
    'There is no folder for assets, since this user has no home folder; set TRACKWAY_ASSETS_DIR, or name a folder to download to',
  )
}
