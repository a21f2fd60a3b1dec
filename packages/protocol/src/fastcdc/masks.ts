/** A 64-bit word, as its two halves. */
export interface Mask {
  readonly low: number
  readonly high: number
}

/** The two tests for the end of a chunk: the hash must have none of the mask's bits. */
export interface Masks {
  /** Before the average size is reached: more bits, so that few chunks end here. */
  readonly strict: Mask
  /** From the average size on: fewer bits, so that the chunk ends soon. */
  readonly loose: Mask
}

/** The difference in bits between the masks and that of the average size, either way. */
const normalization = 2

/**
 * A mask for every average size: the one at index n has n bits, which a random hash lacks once in 2^n bytes.
 * The bits are distributed as in the C reference by the paper's authors, and none is above the 47th, so that
 * plain numbers hold them.
 */
const masksBySize: Readonly<Record<number, number>> = {
  6: 0x0000_0180_3110,
  7: 0x0000_1803_5100,
  8: 0x0018_0003_5300,
  9: 0x0190_0035_3000,
  10: 0x5900_0353_0000,
  11: 0xd900_0353_0000,
  12: 0xd901_0353_0000,
  13: 0xd903_0353_0000,
  14: 0xd903_1353_0000,
  15: 0xd90f_0353_0000,
  16: 0xd903_0353_7000,
  17: 0xd907_0353_7000,
  18: 0xd907_0753_7000,
  19: 0xd917_0753_7000,
  20: 0xd917_4753_7000,
  21: 0xd917_6753_7000,
  22: 0xd937_6753_7000,
  23: 0xd937_7753_7000,
  24: 0xd937_7757_7000,
}

/** The masks for chunks of an average size in bytes, which is a power of two from 256 to 4 MiB. */
export function masksFor(average: number): Masks {
  const bits = 31 - Math.clz32(average)
  return { strict: maskOf(bits + normalization), loose: maskOf(bits - normalization) }
}

function maskOf(bits: number): Mask {
  const mask = masksBySize[bits]
  if (mask === undefined) throw new RangeError(`no mask of ${bits} bits`)
  return { low: mask | 0, high: Math.floor(mask / 2 ** 32) }
}
