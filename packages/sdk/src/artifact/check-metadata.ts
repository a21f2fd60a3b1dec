import { metadataProblem, TrackwayError, type Metadata } from '@trackway/protocol'

const owners = { metadata: 'a version', config: 'a run' }

/** A copy of metadata or config that JSON keeps as it is. Throws `option_invalid`, naming the path to what it would not. */
export function checkMetadata(value: object, what: keyof typeof owners): Metadata {
  const problem = metadataProblem(value, what)
  if (problem === undefined) return structuredClone(value as Metadata) // It was just checked.
  throw new TrackwayError('option_invalid', `This cannot be the ${what} of ${owners[what]}: ${problem}`)
}
