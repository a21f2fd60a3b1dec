import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  canonicalBucketAddress,
  checkNode,
  isAddress,
  nameProblem,
  printable,
  TrackwayError,
} from '@trackway/protocol'
import { fileFailure, isAbsent, localPath, systemCodeOf } from '@trackway/protocol/node'
import type { EmbeddedApp, Environment } from '../environment.ts'
import { makeFolders } from '../../disk/files/make-folders.ts'
import { findNotebook } from './notebook.ts'
import { readProjectFile, writeProjectFile } from './project-file.ts'
import { serverMissing } from './server-package.ts'
import { printLine } from './progress-display.ts'
import { userFolder } from './user-cache.ts'

// Loaded first, so that an old Node gets a clear error.
checkNode('@trackway/sdk')

const embedded = new Map<string, Promise<EmbeddedApp>>()

export const environment = {
  variable(name) {
    const value = process.env[name]
    return value?.trim() ? value : undefined
  },

  async readConfigFile() {
    const path = configFile()
    if (path === undefined) return undefined
    try {
      return { path, text: await readFile(path, 'utf8'), isShared: await isShared(path) }
    } catch (error) {
      if (isMissing(error, path)) return undefined
      throw new TrackwayError(
        'config_invalid',
        `The configuration file ${path} cannot be read: ${reasonOf(error)}; check its owner and permissions, or remove it`,
        { cause: error },
      )
    }
  },

  async writeConfigFile(text) {
    const path = configFile()
    if (path === undefined) {
      throw new TrackwayError(
        'config_invalid',
        'There is no folder for the configuration file, since this user has no home folder; set HOME or XDG_CONFIG_HOME, or set host and key in TRACKWAY_HOST and TRACKWAY_API_KEY',
      )
    }
    try {
      await makeFolders(dirname(path), 0o700)
      // If the file is a link, as it is for users who keep their settings elsewhere, it remains one.
      const location = await realpath(path).catch(() => path)
      const temporary = `${location}.${randomBytes(6).toString('hex')}`
      try {
        await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
        await rename(temporary, location)
      } finally {
        await rm(temporary, { force: true })
      }
      return path
    } catch (error) {
      throw new TrackwayError(
        'config_invalid',
        `The configuration file ${path} cannot be written: ${reasonOf(error)}; check its owner and permissions, or set host and key in TRACKWAY_HOST and TRACKWAY_API_KEY`,
        { cause: error },
      )
    }
  },

  readProjectFile,
  writeProjectFile,

  openEmbedded(store, { create }) {
    const location = isAddress(store) ? store : localPath(store)
    const known = embedded.get(location)
    // A folder that was removed may become a new store, which needs another app.
    if (known !== undefined && (isAddress(location) || !isAbsent(location))) return known
    const opening = open(location, create)
    embedded.set(location, opening)
    opening.catch(() => embedded.get(location) === opening && embedded.delete(location))
    return opening
  },

  folder: (path, file) => localPath(path, file && dirname(file)),
  addressOf: (store) =>
    isAddress(store)
      ? Promise.resolve(canonicalBucketAddress(store, process.env))
      : realPathOf(localPath(store)),
  folderUrl: (folder) => pathToFileURL(localPath(folder)).href,
  print(said) {
    const text = printable(said)
    // A notebook shows standard error only if it comes from the console, and in red.
    // oxlint-disable-next-line no-console -- A cell prints by the console.
    if (findNotebook() !== undefined) console.log(text)
    else printLine(text)
  },
} satisfies Environment

/** Whether users other than this one and root can change or replace a file. */
async function isShared(path: string): Promise<boolean> {
  const [user, group] = [process.getuid?.(), process.getgid?.()]
  if (user === undefined) return false
  const all = await Promise.all([path, dirname(path)].map((each) => stat(each)))
  return all.some(({ uid, gid, mode }) => {
    const isSticky = (mode & 0o1000) !== 0
    const isOpen = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== group)
    return (uid !== 0 && uid !== user) || (isOpen && !isSticky)
  })
}

/** The path without links, even if its last folders do not exist yet. */
async function realPathOf(path: string): Promise<string> {
  const parent = dirname(path)
  try {
    return await realpath(path)
  } catch {
    return parent === path ? path : join(await realPathOf(parent), basename(path))
  }
}

async function open(location: string, create: boolean): Promise<EmbeddedApp> {
  if (!create && !isAddress(location) && isAbsent(location)) {
    throw new TrackwayError(
      'not_found',
      `There is no Trackway store in the folder ${location}; upload something first, or name another store`,
    )
  }
  const [{ createApp }, { openObjectStore }] = await loadServer()
  const isNew = !isAddress(location) && isEmpty(location)
  const store = await openObjectStore(location)
  const app = await createApp({ store, access: { user: userName() }, probe: 'new', create })
  // A store inside a project is not part of its source. The store does not use names that begin with a dot.
  if (isNew) await writeFile(join(location, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {})
  return app
}

async function loadServer() {
  try {
    return await Promise.all([import('@trackway/server'), import('@trackway/server/node')])
  } catch (error) {
    throw serverMissing(error, 'A store without a server', 'set TRACKWAY_HOST to the URL of a server')
  }
}

/** Undefined for a user without a home folder. */
function configFile(): string | undefined {
  const folder =
    process.platform === 'win32'
      ? userFolder(process.env['APPDATA'], 'AppData', 'Roaming')
      : userFolder(process.env['XDG_CONFIG_HOME'], '.config')
  return folder === undefined ? undefined : join(folder, 'trackway', 'config.json')
}

/** The user who runs the program, as a valid name. */
function userName(): string {
  const name = systemUser()
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|\.+$/g, '')
  return nameProblem('user', name) === undefined ? name : 'local'
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    return '' // A user that the system does not list, as in some containers.
  }
}

/** Whether the path does not exist, or is an empty folder. */
function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0
  } catch {
    return isAbsent(folder)
  }
}

function reasonOf(error: unknown): string {
  return fileFailure(systemCodeOf(error) ?? '')?.reason ?? String(error)
}

/**
 * Also for a user whose home folder is another user's, as in a container that runs under another id than its
 * image.
 */
function isMissing(error: unknown, path: string): boolean {
  const code = systemCodeOf(error) ?? ''
  if (code !== 'EACCES') return code === 'ENOENT' || code === 'ENOTDIR'
  try {
    lstatSync(dirname(path))
    return false
  } catch {
    return true
  }
}
