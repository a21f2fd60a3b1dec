import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, cutPlaces } from '../arbitraries.ts'
import type { PieceHash } from '../../src/piece-hash.ts'
import { hashPieces as hashInNode } from '../../src/sha256-node.ts'
import { hashPieces as hashAnywhere } from '../../src/sha256-portable.ts'
import { createSha256, sha256 } from '../../src/sha256.ts'

const encoder = new TextEncoder()

function hexOf(hash: PieceHash, pieces: Uint8Array[]): string {
  for (const piece of pieces) hash.update(piece)
  return hash.hex()
}

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('returns the digests that FIPS 180 publishes', (text, hex) => {
    const bytes = encoder.encode(text)
    expect(sha256(bytes)).toBe(`sha256:${hex}`)
    expect(hexOf(hashInNode(), [bytes])).toBe(hex)
    expect(hexOf(hashAnywhere(), [bytes])).toBe(hex)
  })

  it('is the same in Node and elsewhere, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cutPlaces, (bytes, places) => {
        const pieces = cut(bytes, places)
        const hex = createHash('sha256').update(bytes).digest('hex')
        expect(hexOf(hashInNode(), pieces)).toBe(hex)
        expect(hexOf(hashAnywhere(), pieces)).toBe(hex)
        expect(sha256(bytes)).toBe(`sha256:${hex}`)
      }),
    )
  })

  it('hashes what a piece contains at the time of the call, even if it changes later', () => {
    for (const start of [hashInNode, hashAnywhere]) {
      const piece = encoder.encode('abc')
      const hash = start()
      hash.update(piece)
      piece.fill(0)
      expect(hash.hex()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    }
  })

  it('reads only its view of a shared buffer', () => {
    const hash = createSha256()
    hash.update(encoder.encode('xxabcxx').subarray(2, 5))
    expect(hash.digest()).toBe(sha256(encoder.encode('abc')))
  })
})
