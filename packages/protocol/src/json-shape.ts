const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openingBracket = 0x5b
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d

/** Limits of JSON. */
export interface JsonBounds {
  /** Maximum nesting depth. */
  depth: number
  /** Maximum number of objects, arrays and commas, which is about the number of values. */
  values: number
  /** Maximum number of keys of one object. Default: any number. */
  keys?: number
}

/**
 * Which limit JSON exceeds, checked before it is parsed: parsing and validating may take a hundred times
 * the memory of the text.
 */
export function excessOf(bytes: Uint8Array, bounds: JsonBounds): keyof JsonBounds | undefined {
  let depth = 0
  let values = 0
  const keys: number[] = []
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) at = endOfString(bytes, at)
    else if (byte === comma) values += 1
    else if (byte === colon) {
      const count = (keys[depth] ?? 0) + 1
      if (bounds.keys !== undefined && count > bounds.keys) return 'keys'
      keys[depth] = count
    } else if (byte === openingBracket || byte === openingBrace) {
      depth += 1
      values += 1
      keys[depth] = 0
      if (depth > bounds.depth) return 'depth'
    } else if (byte === closingBracket || byte === closingBrace) depth -= 1
    if (values > bounds.values) return 'values'
  }
  return undefined
}

/** The end of the string that begins at a quote; the end of the bytes if it is not closed. */
function endOfString(bytes: Uint8Array, begin: number): number {
  let at = begin + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}
