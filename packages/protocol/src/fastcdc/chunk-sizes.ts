import { TrackwayError } from '../errors.ts'

/** The allowed lengths of chunks, in bytes. */
export interface ChunkSizes {
  /** No chunk except the last is shorter: an even number, at least 64. */
  min: number
  /**
   * The length at which the rule changes from strict to loose, so that most chunks end soon after: a power of
   * two, 256 to 4 MiB.
   */
  average: number
  /** No chunk is longer: at most 16 MiB. */
  max: number
}

const KiB = 1024
const MiB = 1024 * KiB

/** The sizes with which Trackway cuts files: at least 256 KiB, 1 MiB on average, at most 4 MiB. */
export const defaultChunkSizes: Readonly<ChunkSizes> = { min: 256 * KiB, average: MiB, max: 4 * MiB }

/** Throws `option_invalid` unless the sizes are within the bounds of `ChunkSizes`. */
export function checkChunkSizes({ min, average, max }: ChunkSizes): void {
  const isPowerOfTwo = Number.isInteger(average) && (average & (average - 1)) === 0
  const complaint =
    !isPowerOfTwo || average < 256 || average > 4 * MiB
      ? 'the average must be a power of two from 256 to 4194304'
      : !Number.isInteger(min) || min % 2 !== 0 || min < 64 || min > average
        ? 'the minimum must be an even number from 64 to the average'
        : !Number.isInteger(max) || max < average || max > 16 * MiB
          ? 'the maximum must be an integer from the average to 16777216'
          : undefined
  if (complaint !== undefined) {
    const sizes = `min ${min}, average ${average}, max ${max}`
    throw new TrackwayError('option_invalid', `Chunks of ${sizes} bytes are not possible: ${complaint}.`)
  }
}
