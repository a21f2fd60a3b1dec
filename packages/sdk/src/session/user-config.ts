import { holdTo, nameSchema, problemsOf, TrackwayError } from '@trackway/protocol'
import * as z from 'zod/mini'
import { environment } from '#platform'
import { checkApiKey } from './api-key.ts'
import { checkCall } from '../calls/calls.ts'
import { parseConfigFile, replaceWhere, writeConfig } from './config-file.ts'

/**
 * The content of the user's configuration file, which `login` uses if neither options nor variables say
 * otherwise.
 */
export interface UserConfig {
  /** The URL of a server. Not given together with `store`. */
  host?: string | undefined
  /** A folder (a relative path is relative to the folder of the file), or a bucket. */
  store?: string | undefined
  /** Sent only to the host of this file; if the file names no host, to the one in force. */
  apiKey?: string | undefined
  /** The default team. */
  team?: string | undefined
  /** The default experiment of `init`. */
  experiment?: string | undefined
  /** Keys for other hosts, by their URLs: a project may name one of them. */
  keys?: Record<string, string> | undefined
}

/** The user's configuration file. */
export interface UserConfigFile {
  /** Its path. */
  path: string
  /** Its content. */
  config: UserConfig
}

const userConfigSchema = z.strictObject({
  host: z.optional(z.string()),
  store: z.optional(z.string()),
  apiKey: z.optional(z.string()),
  team: z.optional(nameSchema),
  experiment: z.optional(nameSchema),
  keys: z.optional(z.record(z.string(), z.string())),
})

/**
 * The content and the path of the user's configuration file; undefined if there is none. Throws
 * `config_invalid`.
 */
export async function readUserConfig(): Promise<UserConfigFile | undefined> {
  const file = await environment.readConfigFile?.()
  return file === undefined ? undefined : { path: file.path, config: parseUserConfig(file) }
}

const said = new Set<string>()

/**
 * Reports once that others can write to the configuration file.
 *
 * @internal
 */
export function noteShared(
  { path, isShared }: { path: string; isShared?: boolean | undefined },
  print: (text: string) => void,
): void {
  if (!isShared || said.has(path)) return
  said.add(path)
  print(
    `The configuration file ${path} can be changed by other users, who could send your data and your API key elsewhere; make yourself the only one who can write to it and its folder (chmod go-w, chown)`,
  )
}

/**
 * Parses the text of a configuration file. Throws `config_invalid`.
 *
 * @internal
 */
export function parseUserConfig(file: { path: string; text: string }): UserConfig {
  return parseConfigFile(file, userConfigSchema)
}

/**
 * Changes the user's configuration file and returns its path: given values are written, undefined ones are
 * removed, the rest is kept. A host replaces a store, and a store replaces a host. If the host changes and no
 * key is given, the previous key is kept for the previous host among `keys`. The file is replaced atomically,
 * and only the user can read it. Throws `config_invalid`, also if its current content is invalid.
 */
export async function changeUserConfig(given: UserConfig): Promise<string> {
  checkCall('changeUserConfig', given)
  const changes = replaceWhere(given, 'the options of changeUserConfig')
  const known = (await readUserConfig())?.config ?? {}
  const { apiKey } = changes
  const result = holdTo(userConfigSchema, {
    ...known,
    ...keysAfter(known, changes),
    ...changes,
    ...(apiKey !== undefined && { apiKey: checkApiKey(apiKey, 'the options of changeUserConfig') }),
  })
  if (!result.success) {
    throw new TrackwayError(
      'config_invalid',
      `This cannot be written to the configuration file: ${problemsOf(result.error)}`,
    )
  }
  return writeConfig(environment.writeConfigFile, result.data)
}

/**
 * If the host changes, its key becomes that of the file, and the previous key is kept for the previous host.
 */
function keysAfter({ host, apiKey, keys = {} }: UserConfig, changes: UserConfig): UserConfig {
  if (!('host' in changes) || changes.host === host) return {}
  const all = { ...keys, ...(host !== undefined && apiKey !== undefined && { [host]: apiKey }) }
  const others = Object.entries(all).filter(([other]) => other !== changes.host)
  return {
    // In a file without a host, the key was for any host.
    apiKey: (changes.host && all[changes.host]) ?? (host === undefined ? apiKey : undefined),
    keys: others.length === 0 ? undefined : Object.fromEntries(others),
  }
}
