import { holdTo, isError, problemsOf, TrackwayError } from '@trackway/protocol'
import type * as z from 'zod/mini'

/** What the text of a configuration file says, held to a schema. Throws `config_invalid`. */
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

function parseJson(path: string, text: string): unknown {
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
