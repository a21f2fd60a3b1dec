import { readFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isAddress, nameProblem, TrackwayError } from '@trackway/protocol'
import type { EmbeddedApp, Environment } from '../environment.ts'

const embedded = new Map<string, Promise<EmbeddedApp>>()

export const environment: Environment = {
  variable: (name) => process.env[name] || undefined,

  async readConfigFile() {
    const path = join(configFolder(), 'trackway', 'config.json')
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

  userName() {
    const name = systemUser()
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+|\.+$/g, '')
    return nameProblem('user', name) === undefined ? name : 'local'
  },

  openEmbedded(data) {
    const place = isAddress(data) ? data : resolve(data)
    const known = embedded.get(place)
    if (known !== undefined) return known
    const opening = open(place)
    embedded.set(place, opening)
    opening.catch(() => embedded.delete(place))
    return opening
  },

  folderUrl: (folder) => pathToFileURL(resolve(folder)).href,
  print: (text) => void process.stderr.write(`${text}\n`),
}

async function open(data: string): Promise<EmbeddedApp> {
  const [{ createApp }, { openData }] = await loadServer()
  const store = await openData(data)
  return await createApp({ store, access: { user: environment.userName() }, probe: 'new' })
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
