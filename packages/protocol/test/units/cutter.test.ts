import { createCipheriv, createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TrackwayError } from '../../src/errors.ts'
import type { ChunkSizes } from '../../src/fastcdc/chunk-sizes.ts'
import { createCutter } from '../../src/fastcdc/create-cutter.ts'
import { createJavaScriptCutter } from '../../src/fastcdc/cutter-js.ts'
import { createWasmCutter } from '../../src/fastcdc/cutter-wasm.ts'
import type { Cutter, CutterOptions } from '../../src/fastcdc/cutter.ts'

const MiB = 1024 * 1024

/** Bytes that look random and are the same everywhere: AES-128 in counter mode, over zeros. */
function pseudoRandomBytes(seed: number, length: number): Uint8Array {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function cutAll(cutter: Cutter, bytes: Uint8Array): number[] {
  return lengthsOf(cutter.next(bytes), bytes.length)
}

/** The lengths of chunks, given their ends; the rest after the last end is a chunk as well. */
function lengthsOf(ends: readonly number[], total: number): number[] {
  const all = ends.at(-1) === total || total === 0 ? ends : [...ends, total]
  return all.map((end, index) => end - (all[index - 1] ?? 0))
}

function createRequiredWasmCutter(options?: CutterOptions): Cutter {
  const cutter = createWasmCutter(options)
  if (cutter === undefined) throw new Error('this runtime has no WebAssembly')
  return cutter
}

/** The sizes of the public test vectors. */
const vectorSizes: ChunkSizes = { min: 4096, average: 16_384, max: 65_535 }

describe.each([
  ['JavaScript', createJavaScriptCutter],
  ['WebAssembly', createRequiredWasmCutter],
])('the %s cutter', (_, create) => {
  // The expected lengths come from the Rust crate fastcdc 3.2.1, which the REAPI names as a reference.
  test('cuts pseudo-random bytes at the default sizes as the reference does', () => {
    expect(cutAll(create(), pseudoRandomBytes(1, 24 * MiB))).toEqual([
      1110116, 1064336, 2173935, 1465311, 1218801, 1335189, 357181, 1307749, 1553893, 1076933, 1122653,
      1255664, 1138447, 432618, 1352405, 1526828, 1150129, 1078303, 1105774, 1111613, 1227946,
    ])
  })

  test.each([
    [0, [16461, 22307, 23691, 14519, 26172, 16723, 10117, 11509, 19100, 22351, 5043, 12008]],
    [666, [18691, 27417, 17697, 24249, 12859, 29750, 18196, 18608, 30413, 2121]],
    [4294967295, [18730, 19833, 16849, 21449, 20786, 45583, 17108, 8184, 19485, 11994]],
  ])('cuts pseudo-random bytes with seed %i as the reference does', (seed, lengths) => {
    expect(cutAll(create({ sizes: vectorSizes, seed }), pseudoRandomBytes(2, 200_001))).toEqual(lengths)
  })

  // The REAPI's test vectors (fastcdc2020_test_vectors.txt) cut a picture that is not in this repository. Put
  // test/fixtures/SekienAkashita.jpg of nlfiedler/fastcdc-rs where the path below points, and these
  // tests run too.
  const picture = new URL('../fixtures/sekien-akashita.jpg', import.meta.url)
  test.runIf(existsSync(picture)).each([
    [
      0,
      [
        [19186, '0f9efa589121d5d9e9e2c4ace91337d77cae866537143f6f15a0ffd525a77c2d'],
        [19279, 'c7c86a165573c16448cda35c9169742e85645af42be22889f8b96b8ee0ec7cb0'],
        [17354, 'bc88521e28a8b4479cdea5f75aa721a24f3a0a7d0be903aa6d505c574e51e89d'],
        [16387, '4b8dac2652e4685c629d2bb1ae9d4448e676b86f2e67ca0b2fff3d9580184b79'],
        [19940, 'c0a7062da6f2386c28e086ee0cedd5732252741269838773cff1ddb05b2df6ed'],
        [17320, '7fa5b12134dc75cd2ac8dc60d3a8f3c8d22f0ee9d4cf74a4aa937e2a0d2d79a5'],
      ],
    ],
    [
      666,
      [
        [17635, 'cb3a9d80a3569772d4ed331ca37ab0c862c759897b890fc1aac90a4f2ea3a407'],
        [17334, 'd758c6b7b0b7eef1e996f8ccd17de6c645360b03a26c35541e7581348ac08944'],
        [19136, '24846aefd89e510594bae3e9d7d5ea5012067601512610fed126a3c57ba993f5'],
        [17467, 'efa785e1fefb49f190e665f72fd246c1442079874508c312196da1fb3040d00b'],
        [23593, 'a2f557bdd8d40d8faada963ad5f91ec54b10ccee7c5ae72754a65137592dc607'],
        [14301, 'e131100b4a7147ccad19dc63c4a2fac1f5d8b644e1373eeb6803825024234efc'],
      ],
    ],
  ])("cuts the picture of the REAPI's test vectors with seed %i as they say", (seed, chunks) => {
    const bytes = readFileSync(picture)
    expect(sha256(bytes)).toBe('d9e749d9367fc908876749d6502eb212fee88c9a94892fb07da5ef3ba8bc39ed')
    let offset = 0
    const cut = cutAll(create({ sizes: vectorSizes, seed }), bytes).map((length) => {
      const chunk = bytes.subarray(offset, (offset += length))
      return [length, sha256(chunk)]
    })
    expect(cut).toEqual(chunks)
  })

  test('does not end a chunk of zeros before the maximum', () => {
    expect(cutAll(create(), new Uint8Array(9 * MiB))).toEqual([4 * MiB, 4 * MiB, MiB])
  })

  test('takes content up to the minimum as one chunk, and no content as none', () => {
    expect(create().next(pseudoRandomBytes(3, 256 * 1024))).toEqual([])
    expect(create().next(new Uint8Array(0))).toEqual([])
  })

  test('cuts according to the definition', () => {
    fc.assert(
      fc.property(content, sizes, seed, (bytes, chunkSizes, chosenSeed) => {
        const options = { sizes: chunkSizes, seed: chosenSeed }
        expect(cutAll(create(options), bytes)).toEqual(cutByDefinition(bytes, options))
      }),
      { numRuns: 150 },
    )
  })

  test('cuts the same in whatever pieces the content arrives', () => {
    fc.assert(
      fc.property(content, sizes, fc.array(fc.nat(300), { minLength: 1 }), (bytes, chunkSizes, steps) => {
        const cutter = create({ sizes: chunkSizes })
        const ends: number[] = []
        const piece = new Uint8Array(300)
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const next = bytes.subarray(start, start + (steps[turn % steps.length] ?? 0) + (turn % 2))
          // A piece is wiped after the call, like a buffer that is reused.
          piece.fill(0).set(next.subarray(0, 300))
          const settled = cutter.settled
          for (const end of cutter.next(piece.subarray(0, Math.min(next.length, 300)))) {
            expect(end).toBeGreaterThanOrEqual(settled)
            ends.push(end)
          }
          start += Math.min(next.length, 300)
          expect([start, start - 1]).toContain(cutter.settled)
        }
        expect(lengthsOf(ends, bytes.length)).toEqual(cutAll(create({ sizes: chunkSizes }), bytes))
      }),
    )
  })

  test.each([
    { min: 64, average: 1000, max: 4096 },
    { min: 64, average: 128, max: 4096 },
    { min: 64, average: 8 * MiB, max: 16 * MiB },
    { min: 62, average: 1024, max: 4096 },
    { min: 65, average: 1024, max: 4096 },
    { min: 2048, average: 1024, max: 4096 },
    { min: 64, average: 1024, max: 1023 },
    { min: 64, average: 1024, max: 2000.5 },
    { min: 64, average: 1024, max: 16 * MiB + 1 },
    { min: 64, average: Number.NaN, max: 4096 },
  ])('refuses the sizes $min, $average, $max', (badSizes) => {
    expect(() => create({ sizes: badSizes })).toThrow(TrackwayError)
    expect(() => create({ sizes: badSizes })).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  test.each([-1, 0.5, 2 ** 32, Number.NaN])('refuses the seed %d', (badSeed) => {
    expect(() => create({ seed: badSeed })).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })
})

test('JavaScript and WebAssembly cut 64 MiB identically', () => {
  const bytes = pseudoRandomBytes(5, 64 * MiB)
  const lengths = cutAll(createRequiredWasmCutter(), bytes)
  expect(lengths.length).toBeGreaterThan(32)
  expect(cutAll(createJavaScriptCutter(), bytes)).toEqual(lengths)
})

test('JavaScript and WebAssembly cut every repeated byte identically', () => {
  for (let byte = 0; byte < 256; byte++) {
    const options = { sizes: { min: 64, average: 256, max: 1024 } }
    const bytes = new Uint8Array(3000).fill(byte)
    expect(cutAll(createJavaScriptCutter(options), bytes)).toEqual(
      cutAll(createRequiredWasmCutter(options), bytes),
    )
  }
})

describe('createCutter', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('falls back on JavaScript if there is no WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined)
    expect(createWasmCutter()).toBeUndefined()
    expect(createCutter().next(pseudoRandomBytes(1, 2 * MiB))).toEqual([1110116])
  })

  test('creates many cutters that do not affect each other', () => {
    const cutters = Array.from({ length: 200 }, (_, seed) => createCutter({ sizes: vectorSizes, seed }))
    const bytes = pseudoRandomBytes(2, 20_000)
    for (const cutter of cutters) cutter.next(bytes.subarray(0, 10_000))
    const ends = cutters.map((cutter) => cutter.next(bytes.subarray(10_000)))
    expect(ends[0]).toEqual([16461])
    expect(ends[199]).toEqual(createJavaScriptCutter({ sizes: vectorSizes, seed: 199 }).next(bytes))
  })
})

const sizes: fc.Arbitrary<ChunkSizes> = fc
  .record({ min: fc.integer({ min: 32, max: 128 }), bits: fc.constantFrom(8, 9, 10), more: fc.nat(3000) })
  .map(({ min, bits, more }) => ({ min: 2 * min, average: 2 ** bits, max: 2 ** bits + more }))

const seed = fc.oneof(fc.constant(0), fc.nat(0xffff_ffff))

/** Random bytes, and repetitions of a short pattern, around and beyond the bounds of the sizes. */
const content = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(6000)).map(([start, length]) => pseudoRandomBytes(start, length)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(6000))
    .map(([pattern, length]) =>
      Uint8Array.from({ length }, (_, index) => pattern[index % pattern.length] ?? 0),
    ),
  fc.uint8Array({ maxLength: 600 }),
)

/** The rule as simply as possible: byte by byte, with whole 64-bit numbers. */
function cutByDefinition(
  bytes: Uint8Array,
  { sizes: { min, average, max }, seed: xor }: Required<CutterOptions>,
): number[] {
  const masks = masksByDefinition[average]
  if (masks === undefined) throw new Error(`no masks for ${average}`)
  const lengths: number[] = []
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(lengths.at(-1))) {
    const longest = Math.min(rest.length, max)
    const lastPair = longest - (longest % 2)
    let hash = 0n
    let length = longest
    for (let index = min; index < lastPair; index++) {
      hash = BigInt.asUintN(64, (hash << 1n) + ((gearByDefinition[rest[index] ?? 0] ?? 0n) ^ BigInt(xor)))
      if ((hash & (index < average ? masks.strict : masks.loose)) === 0n) {
        length = index
        break
      }
    }
    lengths.push(length)
  }
  return lengths
}

const gearByDefinition = Array.from({ length: 256 }, (_, byte) =>
  createHash('md5').update(Buffer.alloc(64, byte)).digest().readBigUInt64BE(),
)

const masksByDefinition: Readonly<Record<number, { strict: bigint; loose: bigint }>> = {
  256: { strict: 0x0000_5900_0353_0000n, loose: 0x0000_0000_0180_3110n },
  512: { strict: 0x0000_d900_0353_0000n, loose: 0x0000_0000_1803_5100n },
  1024: { strict: 0x0000_d901_0353_0000n, loose: 0x0000_0018_0003_5300n },
}
