import { createCutter, sha256 } from '@trackway/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { noise } from '../test-server.ts'
import { createChunkDigests, type Chunk, type ChunkOptions } from '../../src/content/chunk-digests.ts'

const KiB = 1024
const MiB = 1024 * KiB

function chunksOf(bytes: Uint8Array, pieces: readonly number[], options: ChunkOptions): Chunk[] {
  const digests = createChunkDigests(options)
  const chunks: Chunk[] = []
  const buffer = new Uint8Array(Math.max(1, ...pieces))
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const piece = bytes.subarray(start, start + (pieces[turn % pieces.length] ?? 1))
    buffer.set(piece)
    chunks.push(...digests.next(buffer.subarray(0, piece.length)))
    buffer.fill(0)
    start += piece.length
  }
  return [...chunks, ...digests.end()]
}

/** Chunks at the cutter's own ends; chunks that are too long are cut once more. */
function expectedChunks(bytes: Uint8Array, { cut, longest }: ChunkOptions): Chunk[] {
  const ends = [...(cut ? createCutter().next(bytes) : []), bytes.length]
  const chunks: Chunk[] = []
  let start = 0
  for (const last of ends) {
    while (start < last) {
      const end = Math.min(last, start + longest)
      chunks.push({ start, end, digest: sha256(bytes.subarray(start, end)) })
      start = end
    }
  }
  return chunks
}

test('chunks are those of the cutter, for any pieces of content and any maximum length', () => {
  const content = noise(6 * MiB, 3)
  const pieces = fc.array(fc.integer({ min: 1, max: 3 * MiB }), { minLength: 1, maxLength: 5 })
  const longest = fc.constantFrom(4 * MiB, MiB, 100_001)
  fc.assert(
    fc.property(fc.nat(content.length), pieces, fc.boolean(), longest, (length, sizes, cut, most) => {
      const bytes = content.subarray(0, length)
      const options = { cut, longest: most }
      const spread = sizes.map((size) => Math.max(size, 1000))
      expect(chunksOf(bytes, spread, options)).toEqual(expectedChunks(bytes, options))
    }),
    { numRuns: 40 },
  )
})

test('pieces of a few bytes yield the same chunks', () => {
  const bytes = noise(300 * KiB, 4)
  for (const pieces of [[1, 2, 3], [1], [7, 1]]) {
    expect(chunksOf(bytes, pieces, { cut: true, longest: 4 * MiB })).toEqual(
      expectedChunks(bytes, { cut: true, longest: 4 * MiB }),
    )
  }
})

test('empty content has no chunks', () => {
  expect(chunksOf(new Uint8Array(), [1], { cut: false, longest: MiB })).toEqual([])
})
