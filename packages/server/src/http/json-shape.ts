import { TrackwayError } from '@trackway/protocol'
import { requestLimits } from './limits.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openingBracket = 0x5b
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d

/**
 * Makes sure, before anything is made of it, that a JSON body is neither nested nor split up beyond all use: what is
 * parsed and held to a schema may take a hundred times the memory of its text. Throws `request_invalid`, `too_large`.
 */
export function checkJsonShape(bytes: Uint8Array): void {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) at = endOfString(bytes, at)
    else if (byte === comma) values += 1
    else if (byte === openingBracket || byte === openingBrace) {
      depth += 1
      values += 1
      if (depth > requestLimits.jsonDepth) throw tooDeep()
    } else if (byte === closingBracket || byte === closingBrace) depth -= 1
    if (values > requestLimits.jsonValues) throw tooMany()
  }
}

/** Where a string ends that begins at a quote; the end of the body where it does not. */
function endOfString(bytes: Uint8Array, begin: number): number {
  let at = begin + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}

function tooDeep(): TrackwayError {
  const maximum = requestLimits.jsonDepth
  return new TrackwayError(
    'request_invalid',
    `The body is nested more than ${maximum} deep (jsonDepth); no request of the protocol is`,
    { details: { limit: 'jsonDepth', maximum } },
  )
}

function tooMany(): TrackwayError {
  const maximum = requestLimits.jsonValues
  return new TrackwayError(
    'too_large',
    `The body has more than ${maximum} values (jsonValues); send fewer at once`,
    { details: { limit: 'jsonValues', maximum } },
  )
}
