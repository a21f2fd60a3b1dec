import { TrackwayError } from '@trackway/protocol'

/** Holds options to their types, for callers that have none. Throws `option_invalid`. */
export function checkAddOptions(options: { name?: unknown; ignore?: unknown }): void {
  if (typeof options !== 'object' || options === null) {
    throw refused(
      `the second argument is ${JSON.stringify(options)}, and has to be an object such as { name: 'x' }`,
    )
  }
  const { name, ignore } = options
  if (name !== undefined && typeof name !== 'string') throw refused('{ name } has to be a text')
  if (ignore !== undefined && ![ignore].flat().every((pattern) => typeof pattern === 'string'))
    throw refused('{ ignore } has to be a pattern of gitignore, or a list of them')
}

function refused(why: string): TrackwayError {
  return new TrackwayError('option_invalid', `Adding to an artifact: ${why}`)
}
