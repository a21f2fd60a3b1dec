import { cutterOver, type Cutter, type CutterOptions } from './cutter.ts'
import type { Gear } from './gear.ts'
import type { Mask, Masks } from './masks.ts'
import type { Scanner, Zone } from './scanner.ts'

/**
 * A cutter in plain JavaScript, for runtimes that lack or forbid WebAssembly. Throws `option_invalid` if the
 * sizes or the seed are out of bounds.
 */
export function createJavaScriptCutter(options: CutterOptions = {}): Cutter {
  return cutterOver((gear, masks) => new JavaScriptScanner(gear, masks), options)
}

/** A byte leaves the hash 64 bytes later, when its word is shifted out. */
const memory = 64

/**
 * The hash in two 32-bit halves. The low half does not depend on the high one, and its part of the mask alone
 * rules out nearly all bytes. So the loop updates only the low half; if that matches, the whole hash is
 * computed from the bytes that are still remembered.
 */
class JavaScriptScanner implements Scanner {
  readonly #gear: Gear
  readonly #masks: Masks
  #low = 0
  #high = 0

  constructor(gear: Gear, masks: Masks) {
    this.#gear = gear
    this.#masks = masks
  }

  reset(): void {
    this.#low = 0
    this.#high = 0
  }

  scan(bytes: Uint8Array, from: number, to: number, zone: Zone): number {
    const mask = this.#masks[zone]
    let rolled = from
    while (rolled < to) {
      const candidate = findLow(bytes, rolled, to, this.#low, this.#gear.low, mask)
      const next = Math.min(candidate + 1, to)
      this.#roll(bytes, rolled, next)
      if (candidate < to && (this.#high & mask.high) === 0) return candidate
      rolled = next
    }
    return to
  }

  /** Advances both halves from before the byte at `from` to just before `to`. */
  #roll(bytes: Uint8Array, from: number, to: number): void {
    if (to - from >= memory) this.reset()
    const { low: lowWords, high: highWords } = this.#gear
    for (let index = Math.max(from, to - memory); index < to; index++) {
      const byte = bytes[index] ?? 0
      const word = lowWords[byte] ?? 0
      const low = ((this.#low << 1) + word) | 0
      // If the unsigned sum is smaller than an operand, the addition overflowed.
      const carry = (this.#low >>> 31) + (low >>> 0 < word >>> 0 ? 1 : 0)
      this.#high = ((this.#high << 1) + (highWords[byte] ?? 0) + carry) | 0
      this.#low = low
    }
  }
}

/** The hot loop: the first index whose hash has no bit of the mask in its low half, or `to`. */
function findLow(
  bytes: Uint8Array,
  from: number,
  to: number,
  start: number,
  words: Int32Array,
  mask: Mask,
): number {
  const bits = mask.low
  let low = start
  for (let index = from; index < to; index++) {
    low = ((low << 1) + (words[bytes[index] ?? 0] ?? 0)) | 0
    if ((low & bits) === 0) return index
  }
  return to
}
