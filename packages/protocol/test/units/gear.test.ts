import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { gearBase64, gearFor } from '../../src/fastcdc/gear.ts'

const digests = Array.from({ length: 256 }, (_, byte) =>
  createHash('md5').update(Buffer.alloc(64, byte)).digest(),
)

test('the gear table holds, for every byte, the first half of the MD5 digest of 64 such bytes', () => {
  const words = Buffer.concat(digests.map((digest) => digest.subarray(0, 8)))
  expect(gearBase64.replace(/\s/g, '')).toBe(words.toString('base64'))
})

test('gearFor XORs the seed into the low halves', () => {
  const seed = 0xffff_fffe
  const { low, high } = gearFor(seed)
  expect([...low]).toEqual(digests.map((digest) => digest.readInt32BE(4) ^ seed))
  expect([...high]).toEqual(digests.map((digest) => digest.readInt32BE(0)))
})
