import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrown } from '../thrown.ts'
import { digestHex, digestSchema, isDigest, parseDigest } from '../../src/digest.ts'

const hex = '0123456789abcdef'.repeat(4)

describe('digests', () => {
  it('are sha256: and 64 lower-case hex digits', () => {
    const hexes = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdef')),
      minLength: 64,
      maxLength: 64,
    })
    fc.assert(
      fc.property(hexes, (digits) => {
        const text = `sha256:${digits}`
        expect(isDigest(text)).toBe(true)
        expect(digestHex(parseDigest(text))).toBe(digits)
        expect(digestSchema.parse(text)).toBe(text)
      }),
    )
  })

  it.each([
    '',
    hex,
    'sha256:',
    `sha256:${hex.slice(1)}`,
    `sha256:${hex}0`,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `sha256:${hex}\n`,
    ` sha256:${hex}`,
    `sha512:${hex}`,
    `sha256:${hex.slice(1)}g`,
  ])('are not %j', (text) => {
    expect(isDigest(text)).toBe(false)
    expect(digestSchema.safeParse(text).success).toBe(false)
    expect(thrown(() => parseDigest(text))).toMatchObject({ code: 'digest_invalid', status: 400 })
  })

  it('are texts in JSON', () => {
    for (const value of [null, undefined, 1, {}, [`sha256:${hex}`]]) {
      expect(digestSchema.safeParse(value).success).toBe(false)
    }
  })
})
