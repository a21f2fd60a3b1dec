import { TrackwayError } from '@trackway/protocol'
import { excessOf } from '@trackway/protocol/json-shape'
import { requestLimits } from './limits.ts'

/**
 * Checks, before parsing it, that a JSON body is not nested or split up excessively. Throws
 * `request_invalid`, `too_large`.
 */
export function checkJsonShape(bytes: Uint8Array): void {
  const { jsonDepth: depth, jsonValues: values, jsonKeys: keys } = requestLimits
  const excess = excessOf(bytes, { depth, values, keys })
  if (excess === 'depth') throw tooDeep()
  if (excess === 'values') throw tooMany('values', 'jsonValues')
  if (excess === 'keys') throw tooMany('keys in one object', 'jsonKeys')
}

function tooDeep(): TrackwayError {
  const maximum = requestLimits.jsonDepth
  return new TrackwayError(
    'request_invalid',
    `The body is nested more than ${maximum} deep (jsonDepth), which no request of the protocol needs`,
    { details: { limit: 'jsonDepth', maximum } },
  )
}

function tooMany(what: string, limit: 'jsonValues' | 'jsonKeys'): TrackwayError {
  const maximum = requestLimits[limit]
  return new TrackwayError(
    'too_large',
    `The body has more than ${maximum} ${what} (${limit}); send fewer at once`,
    { details: { limit, maximum } },
  )
}
