import { TrackwayError } from '../errors.ts'
import { maxManifestLineBytes, maxManifestParts } from '../limits.ts'

/**
 * Keeps a manifest from taking far more memory than its bytes: parsing `[],[],[],…` takes thirty times as
 * much as the text. Files in parts of a useful size never reach these limits.
 */
export interface LineGuard {
  /** Checks the length of a line so far. Throws `too_large`. */
  grow(bytes: number): void
  /** Checks the number of an entry's parts. Throws `too_large`. */
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
      if (parts > maxManifestParts) throw tooLarge('The manifest', 'parts', 'manifestParts', maxManifestParts)
    },
  }
}

function tooLarge(what: string, of: string, limit: string, maximum: number): TrackwayError {
  return new TrackwayError('too_large', `${what} has more than ${maximum} ${of}`, {
    details: { limit, maximum },
  })
}
