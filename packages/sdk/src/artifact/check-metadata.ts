import { messageOf, metadataProblem, TrackwayError, type JsonValue, type Metadata } from '@trackway/protocol'

const owners = { metadata: 'a version', config: 'a run' }

/**
 * A copy of metadata or config that JSON keeps unchanged. Throws `option_invalid`, naming the path to what
 * JSON would change.
 */
export function checkMetadata(value: object, what: keyof typeof owners): Metadata {
  let problem: string | undefined
  try {
    problem = metadataProblem(value, what)
    if (problem === undefined) {
      const copy = copyOfObject(value as Metadata) // It was just checked.
      // A getter or a proxy may return something else the second time.
      problem = metadataProblem(copy, what)
      if (problem === undefined) return copy
    }
  } catch (cause) {
    problem = `reading it failed: ${messageOf(cause)}`
  }
  throw new TrackwayError('option_invalid', `This cannot be the ${what} of ${owners[what]}: ${problem}`)
}

function copyOfObject(value: Metadata): Metadata {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]))
}

function copyOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(copyOf)
  return typeof value === 'object' && value !== null ? copyOfObject(value) : value
}
