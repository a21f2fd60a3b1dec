import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isAddress, nameProblem, TrackwayError } from '@trackway/protocol'
import type { EmbeddedApp, Environment } from '../environment.ts'
import { findNotebook } from './notebook.ts'

const embedded = new Map<string, Promise<EmbeddedApp>>()

export const environment: Environment = {
  variable: (name) => process.env[name] || undefined,

  async readConfigFile() {
    const path = configFile()
    try {
      return { path, text: await readFile(path, 'utf8') }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw new TrackwayError(
        'config_invalid',
        `The configuration file ${path} cannot be read: ${String(error)}`,
        { cause: error },
      )
    }
  },

  async writeConfigFile(text) {
    const path = configFile()
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      // Where the file is a link, as those do who keep their settings elsewhere, it stays one.
      const place = await realpath(path).catch(() => path)
      const temporary = `${place}.${randomBytes(6).toString('hex')}`
      try {
        await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
        await rename(temporary, place)
      } finally {
        await rm(temporary, { force: true })
      }
      return path
    } catch (error) {
      throw new TrackwayError(
        'config_invalid',
        `The configuration file ${path} cannot be written: ${String(error)}`,
        { cause: error },
      )
    }
  },

  userName() {
    const name = systemUser()
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+|\.+$/g, '')
    return nameProblem('user', name) === undefined ? name : 'local'
  },

  openEmbedded(data, { create }) {
    const place = isAddress(data) ? data : resolve(data)
    const known = embedded.get(place)
    if (known !== undefined) return known
    const opening = open(place, create)
    embedded.set(place, opening)
    opening.catch(() => embedded.delete(place))
    return opening
  },

  folderUrl: (folder) => pathToFileURL(resolve(folder)).href,
  print(text) {
    // A notebook shows nothing of standard error that does not come from the console, and that in red.
    // oxlint-disable-next-line no-console -- It is how a cell prints.
    if (findNotebook() !== undefined) console.log(text)
    else process.stderr.write(`${text}\n`)
  },
}

async function open(data: string, create: boolean): Promise<EmbeddedApp> {
  if (!create && !isAddress(data) && !existsSync(data)) {
    throw new TrackwayError(
      'not_found',
      `There is no Trackway store in the folder ${data}; upload something first, or say where else the data lies`,
    )
  }
  const [{ createApp }, { openData }] = await loadServer()
  const store = await openData(data)
  return await createApp({ store, access: { user: environment.userName() }, probe: 'new', create })
}

/** The server is optional: whoever has one on the network need not install it. */
async function loadServer() {
  try {
    return await Promise.all([import('@trackway/server'), import('@trackway/server/node')])
  } catch (error) {
    throw new TrackwayError(
      'config_invalid',
      'A store without a server needs the package @trackway/server, which is not installed; install it, or set TRACKWAY_HOST to the address of a server',
      { cause: error },
    )
  }
}

function configFile(): string {
  return join(configFolder(), 'trackway', 'config.json')
}

function configFolder(): string {
  if (process.platform === 'win32') return process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  return process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    return '' // A user without an entry in the system's list, as in some containers.
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
