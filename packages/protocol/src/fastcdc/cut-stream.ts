import { createCutter } from './create-cutter.ts'
import type { CutterOptions } from './cutter.ts'

/** How many bytes are read before looking for the end of the chunk; what lies behind the end has to move. */
const step = 64 * 1024

/**
 * Cuts a stream into chunks, which depend on its bytes alone and not on the pieces in which they come. Each chunk owns
 * its memory; a piece may be reused as soon as the next one is asked for. Holds at most `sizes.max` bytes besides the
 * piece at hand. An empty stream has no chunks. Throws `option_invalid` for sizes or a seed out of bounds, and what the
 * source throws.
 */
export async function* cutStream(
  source: AsyncIterable<Uint8Array>,
  options: CutterOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const cutter = createCutter(options)
  const held = new Uint8Array(cutter.sizes.max)
  let count = 0
  for await (const piece of source) {
    let taken = 0
    while (taken < piece.length) {
      const part = piece.subarray(taken, taken + Math.min(step, held.length - count))
      held.set(part, count)
      count += part.length
      taken += part.length
      for (;;) {
        const length = cutter.cutGrowing(held.subarray(0, count))
        if (length === 0) break
        yield held.slice(0, length)
        held.copyWithin(0, length, count)
        count -= length
      }
    }
  }
  if (count > 0) yield held.slice(0, count)
}
