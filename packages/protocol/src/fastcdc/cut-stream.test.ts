import { createCipheriv } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChunkSizes } from './chunk-sizes.ts'
import { cutStream } from './cut-stream.ts'
import { createJavaScriptCutter } from './cutter-js.ts'

const MiB = 1024 * 1024

const sizes: ChunkSizes = { min: 64, average: 256, max: 1001 }

function pseudoRandomBytes(seed: number, length: number): Uint8Array {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))
}

function cutWhole(bytes: Uint8Array, chunkSizes?: ChunkSizes): Uint8Array[] {
  const cutter = createJavaScriptCutter(chunkSizes && { sizes: chunkSizes })
  const chunks: Uint8Array[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const length = cutter.cut(rest)
    chunks.push(Uint8Array.from(rest.subarray(0, length)))
    rest = rest.subarray(length)
  }
  return chunks
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const collected: Uint8Array[] = []
  for await (const chunk of chunks) collected.push(chunk)
  return collected
}

/** The bytes in pieces of the given lengths, over and over, all of them in one buffer that is wiped after use. */
async function* inPieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(...lengths))
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1
    const piece = bytes.subarray(offset, offset + length)
    buffer.set(piece)
    yield buffer.subarray(0, piece.length)
    buffer.fill(0)
    offset += length
  }
}

test('cutStream gives the same chunks however the bytes come', async () => {
  const pieceLengths = fc
    .array(fc.oneof(fc.nat(5), fc.nat(3000)), { minLength: 1, maxLength: 20 })
    .filter((lengths) => lengths.some((length) => length > 0))
  await fc.assert(
    fc.asyncProperty(fc.nat(255), fc.nat(20_000), pieceLengths, async (seed, length, lengths) => {
      const bytes = pseudoRandomBytes(seed, length)
      const chunks = await collect(cutStream(inPieces(bytes, lengths), { sizes }))
      expect(chunks).toEqual(cutWhole(bytes, sizes))
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    }),
  )
})

test.each([65_536, 1_000_003, 16 * MiB])(
  'cutStream cuts 16 MiB in pieces of %i bytes at the default sizes',
  async (length) => {
    const bytes = pseudoRandomBytes(1, 16 * MiB)
    const chunks = await collect(cutStream(inPieces(bytes, [length])))
    expect(chunks.slice(0, 4).map((chunk) => chunk.length)).toEqual([1110116, 1064336, 2173935, 1465311])
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  },
)

test('cutStream gives chunks that own their memory', async () => {
  for await (const chunk of cutStream(inPieces(pseudoRandomBytes(1, 5000), [100]), { sizes })) {
    expect(chunk.buffer.byteLength).toBe(chunk.byteLength)
  }
})

test('cutStream gives no chunk of an empty stream', async () => {
  expect(await collect(cutStream(inPieces(new Uint8Array(0), [1])))).toEqual([])
})

test('cutStream closes its source when the reader stops early', async () => {
  let closed = false
  async function* source() {
    try {
      for (;;) yield pseudoRandomBytes(1, 5000)
    } finally {
      closed = true
    }
  }
  for await (const _ of cutStream(source(), { sizes })) break
  expect(closed).toBe(true)
})

test('cutStream passes on what its source throws', async () => {
  const failing = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('the disk is gone')) }),
  }
  await expect(collect(cutStream(failing))).rejects.toThrow('the disk is gone')
})

test('cutStream refuses sizes out of bounds', async () => {
  const chunks = cutStream(inPieces(new Uint8Array(1), [1]), { sizes: { ...sizes, min: 63 } })
  await expect(chunks.next()).rejects.toThrow(expect.objectContaining({ code: 'option_invalid' }))
})
