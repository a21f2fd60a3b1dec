import { TrackwayError } from '../errors.ts'
import { maxManifestLineBytes, maxManifestParts } from '../limits.ts'

/**
 * Keeps a manifest from taking far more memory than its bytes: what is parsed of `[],[],[],…` takes thirty times as
 * much as the text. Nobody who writes files in parts of a useful size meets these limits.
 */
export interface LineGuard {
  /** A line has so many bytes by now. Throws `too_large`. */
  grow(bytes: number): void
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
    add(more) {
      parts += more
      if (parts > maxManifestParts) throw tooManyParts()
    },
  }
}

function tooManyParts(): TrackwayError {
  return tooLarge('The manifest', 'parts', 'manifestParts', maxManifestParts)
}

function tooLarge(what: string, of: string, limit: string, maximum: number): TrackwayError {
  return new TrackwayError('too_large', `${what} has more than ${maximum} ${of}`, {
    details: { limit, maximum },
  })
}
