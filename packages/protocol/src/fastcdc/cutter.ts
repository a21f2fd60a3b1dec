import { TrackwayError } from '../errors.ts'
import { checkChunkSizes, defaultChunkSizes, type ChunkSizes } from './chunk-sizes.ts'
import { gearFor, type Gear } from './gear.ts'
import { masksFor, type Masks } from './masks.ts'
import type { Scanner } from './scanner.ts'

/** What makes one cutter differ from another. Chunks are shared only between equals. */
export interface CutterOptions {
  /** The sizes of chunks; by default `defaultChunkSizes`. */
  sizes?: ChunkSizes
  /** Changes where chunks end: an integer from 0, the default, to 2^32 - 1. */
  seed?: number
}

/** Finds where chunks end. It keeps state while a chunk grows, so that each stream needs a cutter of its own. */
export interface Cutter {
  readonly sizes: Readonly<ChunkSizes>
  /**
   * The length in bytes of the chunk with which `bytes` start; 0 if there are none. They are at least `sizes.max` bytes,
   * or all that the content still has.
   */
  cut(bytes: Uint8Array): number
  /**
   * The same while content arrives: 0 as long as `bytes` do not reach the end of the chunk. Call it again with the same
   * bytes and more behind them: it reads on where it stopped. When no more come, the bytes are the last chunk.
   */
  cutGrowing(bytes: Uint8Array): number
}

/**
 * Makes a cutter on top of a rolling hash: the rule of FastCDC as in Xia et al. 2020, "The Design of Fast
 * Content-Defined Chunking for Data Deduplication Based Storage Systems", with the details that the REAPI's
 * `FastCdc2020Params` pins. Throws `option_invalid` for sizes or a seed out of bounds.
 */
export function cutterOver(
  createScanner: (gear: Gear, masks: Masks) => Scanner,
  { sizes: { min, average, max } = defaultChunkSizes, seed = 0 }: CutterOptions,
): Cutter {
  checkChunkSizes({ min, average, max })
  if (seed !== seed >>> 0) {
    throw new TrackwayError('option_invalid', `The seed ${seed} is not an integer from 0 to 4294967295.`)
  }
  const scanner = createScanner(gearFor(seed), masksFor(average))
  let scanned = 0

  /** Where the content ends the chunk, or 0. The first `min` bytes are skipped unread. */
  function search(bytes: Uint8Array): number {
    // Bytes are read in pairs. The last of an odd number is never read, so that no chunk ends right before it.
    const end = Math.min(bytes.length, max) & ~1
    const turn = Math.min(average, end)
    if (scanned === 0) {
      scanner.reset()
      scanned = min
    }
    if (scanned < turn) {
      const found = scanner.scan(bytes, scanned, turn, 'strict')
      if (found < turn) return found
      scanned = turn
    }
    if (scanned < end) {
      const found = scanner.scan(bytes, scanned, end, 'loose')
      if (found < end) return found
      scanned = end
    }
    return 0
  }

  return {
    sizes: { min, average, max },
    cut(bytes) {
      scanned = 0
      const found = search(bytes)
      scanned = 0
      return found > 0 ? found : Math.min(bytes.length, max)
    },
    cutGrowing(bytes) {
      const found = search(bytes)
      const length = found > 0 || bytes.length < max ? found : max
      if (length > 0) scanned = 0
      return length
    },
  }
}
