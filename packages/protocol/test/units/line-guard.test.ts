import { describe, expect, it } from 'vitest'
import { thrown } from '../thrown.ts'
import { createLineGuard } from '../../src/manifest/line-guard.ts'
import { createManifestParser, parseManifest } from '../../src/manifest/parse-manifest.ts'

const mebibyte = 1024 * 1024
const digest = `sha256:${'d'.repeat(64)}`
const header = `${JSON.stringify({ formatVersion: 1, chunker: 'x', files: 1, bytes: 0 })}\n`
const blob = `["${'d'.repeat(64)}",9]`
const encode = (text: string) => new TextEncoder().encode(text)

/** A manifest of one entry with these parts. */
function withParts(parts: string): Uint8Array {
  return encode(`${header}{"path":"x","size":0,"digest":"${digest}","parts":[${parts}]}\n`)
}

describe('a manifest does not take much more memory than its bytes', () => {
  it('an endless line is refused at its limit', () => {
    const parser = createManifestParser()
    parser.write(encode(`${header}${blob}\n{"path":"x","size":0,"digest":"${digest}","parts":[`))
    const piece = encode(`[0,0,1],${' '.repeat(24)}`.repeat(mebibyte / 32))
    for (let count = 0; count < 63; count += 1) parser.write(piece)
    const { code, details } = thrown(() => [1, 2].forEach(() => parser.write(piece)))
    expect({ code, details }).toEqual({
      code: 'too_large',
      details: { limit: 'lineBytes', maximum: 64 * mebibyte },
    })
  })

  it('a line of more parts than a manifest may have is refused once there are too many', () => {
    const parts = `${'[0,0,1],'.repeat(4_100_000)}[0,0,1]`
    const text = `${header}${blob}\n{"path":"x","size":4100001,"digest":"${digest}","parts":[${parts}]}\n`
    const { code, details } = thrown(() => parseManifest(encode(text)))
    expect({ code, details }).toEqual({
      code: 'too_large',
      details: { limit: 'manifestParts', maximum: 4_000_000 },
    })
  })

  it.each([
    ['spaces', ' '.repeat(70_000)],
    ['keys that are not known', Array.from({ length: 20_000 }, (_, at) => `,"k${at}":1`).join('')],
    ['a long text', `,"k":"${'x'.repeat(70_000)}"`],
    ['another list', `,"k":[${'0,'.repeat(70_000)}0]`],
    ['a deep list', `,"k":{"k":[${'0,'.repeat(70_000)}0]}`],
  ])('a long line may not be long because of other things than its parts, such as %s', (_, more) => {
    const text = `${header}{"path":"x","size":0,"digest":"${digest}","parts":[]${more}}\n`
    const { code, details } = thrown(() => parseManifest(encode(text)))
    expect(code).toBe('manifest_invalid')
    expect(details).toMatchObject({ line: 2, rule: 'entry' })
  })

  it.each([
    ['empty ones', '[],'],
    ['numbers', '0,'],
    ['texts', '"[0,0,1]",'],
    ['pairs', '[0,1],'],
    ['fractions', '[0,0,0.5],'],
    ['nulls', 'null,'],
  ])('one of many wrong parts, %s, is reported', (_, piece) => {
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

  it('brackets in a path are not parts', () => {
    const path = '[{'.repeat(100)
    const text = `{"path":"${path}","size":0,"digest":"${digest}","parts":[]}\n`
    expect(parseManifest(encode(header + text)).entries[0]?.path).toBe(path)
  })
})
