import { holdTo, isError, nameSchema, TrackwayError } from '@trackway/protocol'
import * as z from 'zod/mini'
import { environment } from '#platform'

/** What the user's configuration file holds: what `login` takes where neither options nor variables say it. */
export interface UserConfig {
  /** The address of a server, or of a bucket. */
  host?: string | undefined
  /** Goes to the host of this file and to no other; where the file names none, to whichever is meant. */
  apiKey?: string | undefined
  /** Where things go unless a team is named. */
  team?: string | undefined
  /** What `init` takes by default. */
  experiment?: string | undefined
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
  apiKey: z.optional(z.string()),
  team: z.optional(nameSchema),
  experiment: z.optional(nameSchema),
})

/** What the user's configuration file says, and where it is; undefined where there is none. Throws `config_invalid`. */
export async function readUserConfig(): Promise<UserConfigFile | undefined> {
  const file = await environment.readConfigFile()
  return file === undefined ? undefined : { path: file.path, config: parseUserConfig(file) }
}

/** What the text of a configuration file says. Throws `config_invalid`. */
export function parseUserConfig(file: { path: string; text: string }): UserConfig {
  const result = holdTo(userConfigSchema, parseJson(file))
  if (result.success) return result.data
  throw new TrackwayError(
    'config_invalid',
    `The configuration file ${file.path} is not valid: ${z.prettifyError(result.error)}`,
  )
}

/**
 * Changes the user's configuration file and answers its path: what is given is written, what is undefined is taken out,
 * the rest stays, but for a key where the host becomes another and no key is given: it was for that host. It is replaced
 * at once, and nobody but the user may read it. Throws `config_invalid`, also where what it says now is not valid.
 */
export async function changeUserConfig(changes: UserConfig): Promise<string> {
  const known = await readUserConfig()
  const { apiKey, ...rest } = known?.config ?? {}
  const isForOther = rest.host !== undefined && 'host' in changes && changes.host !== rest.host
  const result = holdTo(userConfigSchema, { ...rest, ...(!isForOther && { apiKey }), ...changes })
  if (!result.success) {
    throw new TrackwayError(
      'config_invalid',
      `This cannot be written to the configuration file: ${z.prettifyError(result.error)}`,
    )
  }
  return environment.writeConfigFile(`${JSON.stringify(result.data, null, 2)}\n`)
}

function parseJson({ path, text }: { path: string; text: string }): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The parser's own message quotes the text, in which there may be a key.
    throw new TrackwayError(
      'config_invalid',
      `The configuration file ${path} is not JSON`,
      isError(error) && error.name === 'SyntaxError' ? {} : { cause: error },
    )
  }
}
