import { describe, expect, it } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { createLineGuard } from './line-guard.ts'
import { createManifestParser, parseManifest } from './parse-manifest.ts'

const mebibyte = 1024 * 1024
const digest = `sha256:${'d'.repeat(64)}`
const header = `${JSON.stringify({ formatVersion: 1, chunker: 'x', files: 1, bytes: 0 })}\n`
const encode = (text: string) => new TextEncoder().encode(text)

/** A manifest of one entry whose parts are what the text says. */
function withParts(parts: string): Uint8Array {
  return encode(`${header}{"path":"x","size":0,"digest":"${digest}","parts":[${parts}]}\n`)
}

describe('a manifest takes no more memory than its bytes are worth', () => {
  it('a line that does not end is refused at its limit, however it comes', () => {
    const parser = createManifestParser()
    const piece = encode(' '.repeat(mebibyte))
    for (let count = 0; count < 64; count += 1) parser.write(piece)
    const { code, details } = thrown(() => parser.write(piece))
    expect({ code, details }).toEqual({
      code: 'too_large',
      details: { limit: 'lineBytes', maximum: 64 * mebibyte },
    })
  })

  it.each([
    ['arrays', '[],'],
    ['objects', '{},'],
  ])('a line of more %s than a manifest may have parts is not even parsed', (_, piece) => {
    const { code, details } = thrown(() => parseManifest(withParts(`${piece.repeat(4_100_000)}0`)))
    expect({ code, details }).toEqual({
      code: 'too_large',
      details: { limit: 'manifestParts', maximum: 4_000_000 },
    })
  })

  it.each([
    ['empty ones', '[],'],
    ['numbers', '0,'],
    ['texts', '"[0,0,1]",'],
    ['pairs', '[0,1],'],
    ['fractions', '[0,0,0.5],'],
    ['nulls', 'null,'],
  ])('of many wrong parts, %s, one is told', (_, piece) => {
    const error = thrown(() => parseManifest(withParts(`${piece.repeat(1_000_000)}[0,0,1]`)))
    expect(error.details).toEqual({ line: 2, rule: 'entry' })
    expect(error.message).toContain('part 0 is not a list of three')
  })

  it('parts of all entries together have a limit', () => {
    const guard = createLineGuard()
    guard.add(3_999_999)
    guard.add(1)
    expect(thrown(() => guard.add(1)).details).toEqual({ limit: 'manifestParts', maximum: 4_000_000 })
  })

  it('brackets in a path are no parts', () => {
    const path = '[{'.repeat(100)
    const text = `{"path":"${path}","size":0,"digest":"${digest}","parts":[]}\n`
    expect(parseManifest(encode(header + text)).entries[0]?.path).toBe(path)
  })
})
