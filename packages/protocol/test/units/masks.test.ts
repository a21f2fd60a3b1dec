import { expect, test } from 'vitest'
import { masksFor, type Mask } from '../../src/fastcdc/masks.ts'

const countOnes = ({ low, high }: Mask) =>
  [low, high].reduce((ones, half) => ones + (half >>> 0).toString(2).replaceAll('0', '').length, 0)

test.each(Array.from({ length: 15 }, (_, index) => index + 8))(
  'masksFor(2 ** %i) has two bits more before the average size and two fewer after it',
  (bits) => {
    const { strict, loose } = masksFor(2 ** bits)
    expect(countOnes(strict)).toBe(bits + 2)
    expect(countOnes(loose)).toBe(bits - 2)
  },
)
