import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manifests } from '../arbitraries.ts'
import { codeOf, thrown } from '../thrown.ts'
import { defaultLimits } from '../../src/limits.ts'
import { encodeManifest } from '../../src/manifest/encode-manifest.ts'
import { createManifestParser, parseManifest } from '../../src/manifest/parse-manifest.ts'

const a = 'a'.repeat(64)
const b = 'b'.repeat(64)
const digest = `sha256:${'d'.repeat(64)}`
const json = JSON.stringify

function header(files: number, bytes: number, rest: object = {}): string {
  return json({ formatVersion: 1, chunker: 'x', files, bytes, ...rest })
}

/** An entry of 10 bytes, or of the size of its parts. */
function entry(path: string, parts: unknown = [[0, 0, 10]], rest: object = {}): string {
  return json({ path, size: 10, digest, parts, ...rest })
}

function bytesOf(lines: (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]))
}

const blobA = json([a, 10])

describe('reading a manifest', () => {
  it('gives its header, blobs and entries', () => {
    expect(parseManifest(bytesOf([header(2, 20), blobA, entry('x'), entry('y')]))).toStrictEqual({
      header: { formatVersion: 1, chunker: 'x', files: 2, bytes: 20 },
      blobs: [{ digest: `sha256:${a}`, size: 10 }],
      entries: ['x', 'y'].map((path) => ({ path, size: 10, digest, parts: [[0, 0, 10]] })),
    })
  })

  it('accepts one without entries, and entries without bytes', () => {
    expect(parseManifest(bytesOf([header(0, 0)])).entries).toEqual([])
    expect(parseManifest(bytesOf([header(1, 0), entry('x', [], { size: 0 })])).entries).toHaveLength(1)
  })

  it('ignores unknown keys', () => {
    const plain = parseManifest(bytesOf([header(1, 10), blobA, entry('x')]))
    const lines = [
      header(1, 10, { later: { a: 1 } }),
      blobA,
      entry('x', [[0, 0, 10]], { mode: 420, __proto: 1 }),
    ]
    expect(parseManifest(bytesOf(lines))).toStrictEqual(plain)
  })

  it('is not affected by a key that names the prototype', () => {
    const line = `{"__proto__":{"executable":true},${entry('x').slice(1)}`
    const [read] = parseManifest(bytesOf([header(1, 10), blobA, line])).entries
    expect(read).toStrictEqual({ path: 'x', size: 10, digest, parts: [[0, 0, 10]] })
  })

  it('uses the parts and not the name of the chunker', () => {
    expect(
      parseManifest(bytesOf([header(1, 10, { chunker: 'of-2031' }), blobA, entry('x')])).entries,
    ).toHaveLength(1)
  })
})

const notUtf8 = Uint8Array.of(0x22, 0xc3, 0x28, 0x22)

const broken: [string, (string | Uint8Array)[], line: number, rule: string][] = [
  ['nothing at all', [], 1, 'header'],
  ['no header', [blobA, entry('x')], 1, 'header'],
  ['an entry for a header', [entry('x')], 1, 'header'],
  ['a header without counts', [json({ formatVersion: 1, chunker: 'x' })], 1, 'header'],
  ['a negative count', [header(-1, 0)], 1, 'header'],
  ['a format version that is a text', [header(0, 0, { formatVersion: '2' })], 1, 'header'],
  ['format version 0', [header(0, 0, { formatVersion: 0 })], 1, 'header'],
  ['two headers', [header(0, 0), header(0, 0)], 2, 'entry'],
  ['a byte order mark', [`\uFEFF${header(0, 0)}`], 1, 'json'],
  ['bad JSON', [header(1, 10), blobA, '{"path":'], 3, 'json'],
  ['an empty line', [header(1, 10), '', blobA, entry('x')], 2, 'json'],
  ['a line that is not UTF-8', [header(1, 10), blobA, notUtf8], 3, 'encoding'],
  ['a header that is not UTF-8', [notUtf8], 1, 'encoding'],
  ['a blob in capital letters', [header(0, 0), json([a.toUpperCase(), 10])], 2, 'blob'],
  ['a blob with a prefix', [header(0, 0), json([`sha256:${a}`, 10])], 2, 'blob'],
  ['an empty blob', [header(0, 0), json([a, 0])], 2, 'blob'],
  ['a blob with more to say', [header(0, 0), json([a, 10, 1])], 2, 'blob'],
  ['a blob over the limit', [header(0, 0), json([a, defaultLimits.blobBytes + 1])], 2, 'blob-size'],
  ['a blob twice', [header(1, 10), blobA, json([b, 1]), blobA, entry('x')], 4, 'blob-twice'],
  ['a blob twice with two sizes', [header(1, 10), blobA, json([a, 11]), entry('x')], 3, 'blob-twice'],
  ['a blob behind an entry', [header(1, 10), blobA, entry('x'), json([b, 1])], 4, 'order'],
  ['a blob that nobody uses', [header(1, 10), blobA, json([b, 1]), entry('x')], 3, 'blob-unused'],
  ['a text for an entry', [header(0, 0), '"x"'], 2, 'entry'],
  ['null for an entry', [header(0, 0), 'null'], 2, 'entry'],
  ['an entry without a digest', [header(0, 0), json({ path: 'x', size: 0, parts: [] })], 2, 'entry'],
  [
    'an entry with a part of size',
    [header(1, 10), blobA, entry('x', [[0, 0, 10]], { size: 1.5 })],
    3,
    'entry',
  ],
  [
    'executable said to be false',
    [header(1, 10), blobA, entry('x', [[0, 0, 10]], { executable: false })],
    3,
    'entry',
  ],
  [
    'an empty reference',
    [header(1, 10), entry('x', undefined, { parts: undefined, reference: '' })],
    2,
    'entry',
  ],
  ['an empty slice', [header(1, 10), blobA, entry('x', [[0, 0, 0]])], 3, 'entry'],
  ['a slice before its blob', [header(1, 10), blobA, entry('x', [[0, -1, 10]])], 3, 'entry'],
  ['a slice without a length', [header(1, 10), blobA, entry('x', [[0, 0]])], 3, 'entry'],
  ['neither parts nor a reference', [header(1, 10), json({ path: 'x', size: 10, digest })], 2, 'parts'],
  [
    'both parts and a reference',
    [header(1, 10), blobA, entry('x', [[0, 0, 10]], { reference: 's3://b/k' })],
    3,
    'parts',
  ],
  ['an index out of range', [header(1, 10), blobA, entry('x', [[1, 0, 10]])], 3, 'blob-index'],
  ['a slice beyond its blob', [header(1, 10), blobA, entry('x', [[0, 1, 10]])], 3, 'slice'],
  [
    'a slice far beyond its blob',
    [header(1, 10), blobA, entry('x', [[0, Number.MAX_SAFE_INTEGER, 10]])],
    3,
    'slice',
  ],
  ['parts that are too few', [header(1, 10), blobA, entry('x', [[0, 0, 9]])], 3, 'size'],
  [
    'parts that are too many',
    [
      header(1, 10),
      blobA,
      entry('x', [
        [0, 0, 10],
        [0, 0, 1],
      ]),
    ],
    3,
    'size',
  ],
  ['a wrong order', [header(2, 20), blobA, entry('y'), entry('x')], 4, 'order'],
  ['the order of UTF-16', [header(2, 20), blobA, entry('😀'), entry('\uFFFD')], 4, 'order'],
  ['a path twice', [header(2, 20), blobA, entry('x'), entry('x')], 4, 'path-twice'],
  ['a file and a folder', [header(2, 20), blobA, entry('x'), entry('x/y')], 4, 'file-and-folder'],
  [
    'a file and a folder far apart',
    [header(3, 30), blobA, entry('x'), entry('x.y'), entry('x/y')],
    5,
    'file-and-folder',
  ],
  ['a path that leads out', [header(1, 10), blobA, entry('../x')], 3, 'path'],
  ['a path that is not Unicode', [header(1, 10), blobA, entry('\ud800')], 3, 'path'],
  ['a wrong number of files', [header(2, 10), blobA, entry('x')], 1, 'count'],
  ['a wrong number of bytes', [header(1, 11), blobA, entry('x')], 1, 'count'],
]

describe('a manifest is refused', () => {
  it.each(broken)('for %s', (_, lines, line, rule) => {
    const error = thrown(() => parseManifest(bytesOf(lines)))
    expect(error.details).toMatchObject({ line, rule })
    expect(error).toMatchObject({ code: 'manifest_invalid', status: 422, retryable: false })
    expect(error.message).toContain(`at line ${line}: `)
  })

  it('for a last line without a line feed', () => {
    const bytes = bytesOf([header(1, 10), blobA, entry('x')])
    const error = thrown(() => parseManifest(bytes.subarray(0, -1)))
    expect(error).toMatchObject({ code: 'manifest_invalid', details: { line: 3, rule: 'line-end' } })
  })

  it('with the path that breaks the rule', () => {
    const error = thrown(() => parseManifest(bytesOf([header(1, 10), blobA, entry('data/x', [[7, 0, 10]])])))
    expect(error.details).toStrictEqual({ line: 3, rule: 'blob-index', path: 'data/x' })
  })

  it('for a newer format version, before anything else is checked', () => {
    const error = thrown(() => parseManifest(bytesOf(['{"formatVersion":2,"files":"many"}', 'whatever'])))
    expect(error).toMatchObject({ code: 'format_unsupported', status: 501 })
    expect(error.message).toContain('format version 2')
  })

  it('whatever line the mistake is in, when the bytes arrive one by one', () => {
    const parser = createManifestParser()
    const bytes = bytesOf([header(2, 20), blobA, entry('y'), entry('x')])
    const error = thrown(() => {
      for (const byte of bytes) parser.write(Uint8Array.of(byte))
    })
    expect(error.details).toMatchObject({ line: 4, rule: 'order', path: 'x' })
  })
})

describe('the limits of a manifest', () => {
  const bytes = bytesOf([header(2, 20), blobA, entry('x'), entry('y')])

  it('hold for its entries', () => {
    expect(parseManifest(bytes, { ...defaultLimits, entries: 2 }).entries).toHaveLength(2)
    expect(thrown(() => parseManifest(bytes, { ...defaultLimits, entries: 1 }))).toMatchObject({
      code: 'too_large',
      status: 413,
      details: { limit: 'entries', maximum: 1 },
    })
  })

  it('hold for its bytes, as soon as they are exceeded', () => {
    expect(parseManifest(bytes, { ...defaultLimits, manifestBytes: bytes.length }).entries).toHaveLength(2)
    const parser = createManifestParser({ ...defaultLimits, manifestBytes: bytes.length - 1 })
    parser.write(bytes.subarray(0, -1))
    expect(thrown(() => parser.write(bytes.subarray(-1)))).toMatchObject({
      code: 'too_large',
      details: { limit: 'manifestBytes', maximum: bytes.length - 1 },
    })
  })

  it('hold for its blobs', () => {
    expect(parseManifest(bytes, { ...defaultLimits, blobBytes: 10 }).blobs).toHaveLength(1)
    expect(thrown(() => parseManifest(bytes, { ...defaultLimits, blobBytes: 9 })).details).toMatchObject({
      rule: 'blob-size',
    })
  })
})

/** Every way in which reading may end: success, or one of these codes. */
const endings = [undefined, 'manifest_invalid', 'format_unsupported', 'too_large']

/** The outcome of reading. A manifest that was accepted must be accepted again after it is written again. */
function ending(bytes: Uint8Array): string | undefined {
  return codeOf(() => parseManifest(Buffer.concat([...encodeManifest(parseManifest(bytes))])))
}

describe('whatever the bytes are, reading them throws nothing but a Trackway error', () => {
  it('for noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(endings).toContain(ending(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('for lines of any JSON', () => {
    const line = fc.oneof(fc.json({ maxDepth: 3 }), fc.constantFrom(header(1, 10), blobA, entry('x')))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        expect(endings).toContain(ending(bytesOf(lines)))
      }),
      { numRuns: 500 },
    )
  })

  it('for a manifest with one byte changed', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.integer({ min: 0, max: 255 }), (manifest, index, byte) => {
        const bytes = Buffer.concat([...encodeManifest(manifest)])
        bytes[index % bytes.length] = byte
        expect(endings).toContain(ending(bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('for a truncated manifest', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), (manifest, index) => {
        const bytes = Buffer.concat([...encodeManifest(manifest)])
        const at = 1 + (index % (bytes.length - 1))
        expect(ending(bytes.subarray(at))).toBe('manifest_invalid')
        expect(endings).toContain(ending(bytes.subarray(0, at)))
      }),
      { numRuns: 200 },
    )
  })

  it('for a manifest with a line moved', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.nat(), (manifest, from, to) => {
        const lines = Buffer.concat([...encodeManifest(manifest)])
          .toString()
          .split('\n')
          .slice(0, -1)
        const [line = ''] = lines.splice(from % lines.length, 1)
        lines.splice(to % (lines.length + 1), 0, line)
        expect(endings).toContain(ending(bytesOf(lines)))
      }),
      { numRuns: 200 },
    )
  })

  it('for JSON that is nested very deep', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const manifestsOfIt = [[deep], [header(0, 0), deep], [header(0, 0), `{"path":${deep}}`]]
    expect(manifestsOfIt.map((lines) => ending(bytesOf(lines)))).toEqual(
      manifestsOfIt.map(() => 'manifest_invalid'),
    )
  })
})
