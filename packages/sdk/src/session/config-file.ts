import { holdTo, isError, problemsOf, TrackwayError } from '@trackway/protocol'
import type * as z from 'zod/mini'

/** Parses the text of a configuration file according to a schema. Throws `config_invalid`. */
export function parseConfigFile<Config>(
  { path, text }: { path: string; text: string },
  schema: z.ZodMiniType<Config>,
): Config {
  const result = holdTo(schema, parseJson(path, text))
  if (result.success) return result.data
  throw new TrackwayError(
    'config_invalid',
    `The configuration file ${path} is not valid: ${problemsOf(result.error)}`,
  )
}

/**
 * Writes a configuration file and returns its path. Throws `config_invalid`, also where there are no files.
 */
export function writeConfig(
  write: ((text: string) => Promise<string>) | undefined,
  config: object,
): Promise<string> {
  if (write !== undefined) return write(`${JSON.stringify(config, null, 2)}\n`)
  throw new TrackwayError('config_invalid', 'A browser has no configuration file; pass its values to login')
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The parser's own message quotes the text, which may contain a key.
    throw new TrackwayError(
      'config_invalid',
      `The configuration file ${path} is not JSON`,
      isError(error) && error.name === 'SyntaxError' ? {} : { cause: error },
    )
  }
}

/** What names a server or a store. */
interface Where {
  host?: string | undefined
  store?: string | undefined
}

/** Changes in which a host removes the previous store, and a store the host. Throws `option_invalid`. */
export function replaceWhere<Changes extends Where>(changes: Changes, origin: string): Changes {
  const { host, store } = changes
  if (host !== undefined && store !== undefined) throw bothGiven(origin)
  if (host !== undefined) return { ...changes, store: undefined }
  return store === undefined ? changes : { ...changes, host: undefined }
}

/** The error for a host and a store that come from the same options, variables or file. */
export function bothGiven(origin: string): TrackwayError {
  const where = origin.replace(/^the variable .*/, 'the variables TRACKWAY_HOST and TRACKWAY_STORE')
  return new TrackwayError(
    'option_invalid',
    `Both a host and a store are given in ${where}; remove one of them`,
  )
}
