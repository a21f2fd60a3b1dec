import { holdTo, nameSchema, problemsOf, TrackwayError } from '@trackway/protocol'
import * as z from 'zod/mini'
import { environment } from '#platform'
import { checkApiKey } from './api-key.ts'
import { checkCall } from '../calls/calls.ts'
import { parseConfigFile, replaceWhere } from './config-file.ts'

/** What the user's configuration file holds: what `login` takes where neither options nor variables say it. */
export interface UserConfig {
  /** The URL of a server. Not given together with `store`. */
  host?: string | undefined
  /** A folder, whose relative path starts at the folder of the file, or a bucket. */
  store?: string | undefined
  /** Goes to the host of this file and to no other; where the file names none, to whichever is meant. */
  apiKey?: string | undefined
  /** Where things go unless a team is named. */
  team?: string | undefined
  /** What `init` takes by default. */
  experiment?: string | undefined
  /** Keys for other hosts than that of this file, by their addresses: a project may name one of them. */
  keys?: Record<string, string> | undefined
}

/** The user's configuration file. */
export interface UserConfigFile {
  /** Where it is. */
  path: string
  /** What it says. */
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

/** What the user's configuration file says, and where it is; undefined where there is none. Throws `config_invalid`. */
export async function readUserConfig(): Promise<UserConfigFile | undefined> {
  const file = await environment.readConfigFile()
  return file === undefined ? undefined : { path: file.path, config: parseUserConfig(file) }
}

const said = new Set<string>()

/** Says once that others may write to the configuration file. */
export function noteShared(
  { path, isShared }: { path: string; isShared?: boolean | undefined },
  print: (text: string) => void,
): void {
  if (!isShared || said.has(path)) return
  said.add(path)
  print(
    `The configuration file ${path} can be changed by other users, who could send your data and your API key elsewhere; take it and its folder (chmod go-w, chown)`,
  )
}

/** What the text of a configuration file says. Throws `config_invalid`. */
export function parseUserConfig(file: { path: string; text: string }): UserConfig {
  return parseConfigFile(file, userConfigSchema)
}

/**
 * Changes the user's configuration file and returns its path: what is given is written, what is undefined is taken out,
 * the rest stays. A host takes the place of a store, and a store that of a host. A key where the host becomes another and no key is given was for that host, and is kept for it among
 * `keys`. The file is replaced at once, and only the user may read it. Throws `config_invalid`, also where what it says
 * now is not valid.
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
  return environment.writeConfigFile(`${JSON.stringify(result.data, null, 2)}\n`)
}

/** Where the host becomes another, its key is that of the file, and the one before is for the host before. */
function keysAfter({ host, apiKey, keys = {} }: UserConfig, changes: UserConfig): UserConfig {
  if (!('host' in changes) || changes.host === host) return {}
  const all = { ...keys, ...(host !== undefined && apiKey !== undefined && { [host]: apiKey }) }
  const others = Object.entries(all).filter(([other]) => other !== changes.host)
  return {
    // Of a file without a host, the key was for any.
    apiKey: (changes.host && all[changes.host]) ?? (host === undefined ? apiKey : undefined),
    keys: others.length === 0 ? undefined : Object.fromEntries(others),
  }
}
