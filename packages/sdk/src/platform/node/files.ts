import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brandOf, demandText, messageOf, TrackwayError } from '@trackway/protocol'
import { localPath, systemCodeOf } from '@trackway/protocol/node'
import type { FileSystem, FolderItem } from '../file-system.ts'
import { fileError } from './file-error.ts'
import { factsOf } from './file-facts.ts'
import { fileSource } from './file-source.ts'
import { itemOf, itemOfBytes, mayNotBeText } from './folder-items.ts'
import { createSpool } from './spool.ts'
import { tryLock } from './lock-file.ts'
import { isOwnLink } from './own-link.ts'
import { isStagingName } from './staging-name.ts'
import { removeStaging, settleStaging } from './staging-owner.ts'
import { openStaging } from './staging.ts'
import { storedFolders } from './stored-folders.ts'
import { isVacant } from './target.ts'
import { userCacheFolder } from './user-cache.ts'

/** The files of this machine, through Node's modules, which Deno and Bun have too. */
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
  isOwnLink,
  isVacant,
  tryLock,
  openStaging,
  settleStaging,
  removeStaging,
}

function absolute(path: string | URL): string {
  if (!isUrl(path)) return localPath(checkPath(demandText(path, 'A path', './data')))
  if (path.protocol !== 'file:') throw notLocal(path.href)
  try {
    return fileURLToPath(path)
  } catch (cause) {
    throw new TrackwayError(
      'file_unsupported',
      `${path.href} is not the URL of a local file: ${messageOf(cause)}`,
      {
        cause,
      },
    )
  }
}

function isUrl(path: unknown): path is URL {
  return brandOf(path) === 'URL'
}

/** A string in the form of a URL is hardly the name of a file. */
function checkPath(path: string): string {
  if (!/^(file:\/|[a-z][a-z0-9+.-]+:\/\/)/i.test(path)) return path
  if (!/^file:/i.test(path)) throw notLocal(path)
  throw new TrackwayError(
    'file_unsupported',
    `'${path}' is a URL in a string; pass new URL('${path}'), or the path of the file`,
  )
}

function notLocal(url: string): TrackwayError {
  return new TrackwayError(
    'file_unsupported',
    `${url} is not the URL of a local file; add it with addReference, or fetch it and add the body`,
  )
}

async function unlessAbsent<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    // A loop of links leads nowhere, like a link whose target is gone.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return undefined
    throw fileError(error, 'Reading', path)
  }
}

async function list(folder: string): Promise<FolderItem[]> {
  try {
    const items = (await readdir(folder, { withFileTypes: true })).map(itemOf)
    if (!items.some(mayNotBeText)) return items
    return (await readdir(folder, { withFileTypes: true, encoding: 'buffer' })).map(itemOfBytes)
  } catch (error) {
    throw fileError(error, 'Reading the folder', folder)
  }
}

function assetsDirectory(): string {
  const chosen = process.env['TRACKWAY_ASSETS_DIR']
  if (chosen?.trim()) return localPath(chosen)
  const cache = userCacheFolder()
  if (cache !== undefined) return join(cache, 'trackway', 'assets')
  throw new TrackwayError(
    'config_invalid',
    'There is no folder for assets, since this user has no home folder; set TRACKWAY_ASSETS_DIR, or pass a folder to download to',
  )
}
