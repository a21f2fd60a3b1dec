import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrackwayError } from '@trackway/protocol'
import type { FileSystem, FolderItem } from '../file-system.ts'
import { fileError, systemCode } from './file-error.ts'
import { fileSource } from './file-source.ts'
import { createSpool } from './spool.ts'
import { openStaging } from './staging.ts'

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
    const facts = await unlessAbsent(path, () => stat(path))
    if (facts === undefined) return undefined
    const kind = facts.isFile() ? 'file' : facts.isDirectory() ? 'folder' : 'other'
    return { kind, size: facts.size, executable: process.platform !== 'win32' && (facts.mode & 0o111) !== 0 }
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
  openStaging,
}

function absolute(path: string | URL): string {
  if (typeof path === 'string') return resolve(path)
  if (path.protocol === 'file:') return fileURLToPath(path)
  throw new TrackwayError(
    'file_unsupported',
    `${path.href} is not the address of a local file; fetch it and add its body`,
  )
}

async function unlessAbsent<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    // A link that leads in a circle leads nowhere, as one does whose target is gone.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined
    throw fileError(error, 'Reading', path)
  }
}

async function list(folder: string): Promise<FolderItem[]> {
  try {
    const items = await readdir(folder, { withFileTypes: true })
    await Promise.all(items.map((item) => checkName(folder, item.name)))
    return items.map((item) => ({ name: item.name, kind: kindOf(item) }))
  } catch (error) {
    throw fileError(error, 'Reading the folder', folder)
  }
}

function kindOf(item: Dirent): FolderItem['kind'] {
  if (item.isFile()) return 'file'
  if (item.isDirectory()) return 'folder'
  return item.isSymbolicLink() ? 'link' : 'other'
}

/** Bytes that are no UTF-8 come as U+FFFD, and then no file answers to the name. */
async function checkName(folder: string, name: string): Promise<void> {
  if (!name.includes('\uFFFD')) return
  try {
    await lstat(join(folder, name))
  } catch (cause) {
    throw new TrackwayError(
      'path_invalid',
      `The folder ${folder} holds ${JSON.stringify(name)}, a name that is not valid UTF-8; rename it`,
      {
        cause,
        details: { folder, name },
      },
    )
  }
}

function assetsDirectory(): string {
  const chosen = process.env['TRACKWAY_ASSETS_DIR']
  return chosen ? resolve(chosen) : join(userCache(), 'trackway', 'assets')
}

function userCache(): string {
  const { XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env
  if (process.platform === 'win32') return local || join(homedir(), 'AppData', 'Local')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return cache && isAbsolute(cache) ? cache : join(homedir(), '.cache')
}
