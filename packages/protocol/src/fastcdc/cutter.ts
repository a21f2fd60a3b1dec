import { TrackwayError } from '../errors.ts'
import { checkChunkSizes, defaultChunkSizes, type ChunkSizes } from './chunk-sizes.ts'
import { gearFor, type Gear } from './gear.ts'
import { masksFor, type Masks } from './masks.ts'
import type { Scanner } from './scanner.ts'

/** The parameters of a cutter. Chunks are shared only between cutters with equal parameters. */
export interface CutterOptions {
  /** The sizes of chunks; by default `defaultChunkSizes`. */
  sizes?: ChunkSizes
  /** Changes where chunks end: an integer from 0, the default, to 2^32 - 1. */
  seed?: number
}

/** Finds where chunks end in content that arrives in pieces, which it neither keeps nor copies. */
export interface Cutter {
  /**
   * Adds the next piece, and returns where chunks end, in bytes from the start of the content. Bytes are
   * checked in pairs, so that an end may be one byte before the piece. What follows the last end is the last
   * chunk.
   */
  next(piece: Uint8Array): number[]
  /** All ends before this offset in the content are known: the content so far, or a byte less. */
  readonly settled: number
}

/**
 * Creates a cutter on top of a rolling hash: the rule of FastCDC as in Xia et al. 2020, "The Design of Fast
 * Content-Defined Chunking for Data Deduplication Based Storage Systems", with the details that the REAPI's
 * `FastCdc2020Params` specifies. Throws `option_invalid` if the sizes or the seed are out of bounds.
 */
export function cutterOver(
  createScanner: (gear: Gear, masks: Masks) => Scanner,
  { sizes: { min, average, max } = defaultChunkSizes, seed = 0 }: CutterOptions = {},
): Cutter {
  checkChunkSizes({ min, average, max })
  if (seed !== seed >>> 0) {
    throw new TrackwayError('option_invalid', `The seed ${seed} is not an integer from 0 to 4294967295.`)
  }
  const scanner = createScanner(gearFor(seed), masksFor(average))
  const pair = new Uint8Array(2)
  /** The start and the end of the current piece. */
  let from = 0
  let reached = 0
  /** The start of the chunk, and the number of its bytes that were skipped or checked. */
  let start = 0
  let scanned = 0

  /** Checks bytes of the chunk up to `to`. The first of them may be the last of the piece before. */
  function scan(piece: Uint8Array, to: number): number {
    const zone = scanned < average ? 'strict' : 'loose'
    const at = start + scanned - from
    if (at >= 0) return scanned + scanner.scan(piece.subarray(at, start + to - from), 0, to - scanned, zone)
    pair[1] = piece[0] ?? 0
    return scanned + scanner.scan(pair, 0, 2, zone)
  }

  /** The end of the chunk within what has arrived; undefined if it is not known yet. */
  function findEnd(piece: Uint8Array): number | undefined {
    const known = Math.min(reached - start, max)
    if (scanned < min) {
      scanned = Math.min(min, known)
      if (scanned < min) return undefined
      scanner.reset()
    }
    // The last byte of an odd number is never read, so that no chunk ends right before it.
    const end = known & ~1
    while (scanned < end) {
      const to = start + scanned < from ? scanned + 2 : scanned < average ? Math.min(average, end) : end
      const found = scan(piece, to)
      if (found < to) return start + found
      scanned = to
    }
    return known === max ? start + max : undefined
  }

  return {
    get settled() {
      return start + scanned
    },
    next(piece) {
      from = reached
      reached += piece.length
      const ends: number[] = []
      for (let end = findEnd(piece); end !== undefined; end = start < reached ? findEnd(piece) : undefined) {
        ends.push(end)
        start = end
        scanned = 0
      }
      pair[0] = piece.at(-1) ?? pair[0] ?? 0
      return ends
    },
  }
}
