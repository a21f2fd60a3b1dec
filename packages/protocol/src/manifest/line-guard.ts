import { TrackwayError } from '../errors.ts'
import { maxManifestLineBytes, maxManifestParts } from '../limits.ts'

const bracket = 0x5b
const brace = 0x7b
// A line without parts is shorter than this: it holds a path, an address and a few numbers.
const plainLineBytes = 64 * 1024

/**
 * Keeps a manifest from taking far more memory than its bytes: what is parsed of `[],[],[],…` takes thirty times as
 * much as the text. Nobody who writes files in parts of a useful size meets these limits.
 */
export interface LineGuard {
  /** A line has so many bytes by now. Throws `too_large`. */
  grow(bytes: number): void
  /** A line is about to be parsed. Throws `too_large`. */
  check(line: Uint8Array): void
  /** An entry has so many parts. Throws `too_large`. */
  add(parts: number): void
}

export function createLineGuard(): LineGuard {
  let parts = 0
  return {
    grow(bytes) {
      if (bytes <= maxManifestLineBytes) return
      throw tooLarge('A line of the manifest', 'bytes', 'lineBytes', maxManifestLineBytes)
    },
    check(line) {
      if (line.length <= plainLineBytes) return
      const most = maxManifestParts - parts + plainLineBytes
      if (count(line, bracket, most) + count(line, brace, most) > most) throw tooManyParts()
    },
    add(more) {
      parts += more
      if (parts > maxManifestParts) throw tooManyParts()
    },
  }
}

/** How often a byte occurs, counted no further than needed. */
function count(bytes: Uint8Array, byte: number, most: number): number {
  let found = 0
  for (let at = bytes.indexOf(byte); at !== -1 && found <= most; at = bytes.indexOf(byte, at + 1)) found += 1
  return found
}

function tooManyParts(): TrackwayError {
  return tooLarge('The manifest', 'parts', 'manifestParts', maxManifestParts)
}

function tooLarge(what: string, of: string, limit: string, maximum: number): TrackwayError {
  return new TrackwayError('too_large', `${what} has more than ${maximum} ${of}`, {
    details: { limit, maximum },
  })
}
