import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, cutPlaces, manifests } from '../arbitraries.ts'
import { createManifest, encodeManifest } from '../../src/manifest/encode-manifest.ts'
import type { Manifest } from '../../src/manifest/manifest.ts'
import { createManifestParser, parseManifest } from '../../src/manifest/parse-manifest.ts'

function bytesOf(manifest: Manifest): Buffer {
  return Buffer.concat([...encodeManifest(manifest)])
}

describe('a manifest', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        expect(parseManifest(bytesOf(manifest))).toStrictEqual(manifest)
      }),
      { numRuns: 200 },
    )
  })

  it('is read back wherever its bytes are cut', () => {
    fc.assert(
      fc.property(manifests, cutPlaces, (manifest, places) => {
        const parser = createManifestParser()
        for (const piece of cut(bytesOf(manifest), places)) parser.write(piece)
        expect(parser.end()).toStrictEqual(manifest)
      }),
      { numRuns: 200 },
    )
  })

  it('is read byte by byte, from one reused buffer', () => {
    const [manifest] = fc.sample(
      manifests.filter(({ entries }) => entries.length > 3),
      { numRuns: 1, seed: 1 },
    )
    if (manifest === undefined) throw new Error('a sample has one value')
    const parser = createManifestParser()
    const buffer = new Uint8Array(1)
    for (const byte of bytesOf(manifest)) {
      buffer[0] = byte
      parser.write(buffer)
    }
    expect(parser.end()).toStrictEqual(manifest)
  })

  it('has one form: a parsed manifest is written byte for byte as it was', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const bytes = bytesOf(manifest)
        expect(bytesOf(parseManifest(bytes)).equals(bytes)).toBe(true)
      }),
    )
  })

  it('is written with its keys in the order of the format', () => {
    const manifest = createManifest(
      [{ digest: `sha256:${'a'.repeat(64)}`, size: 5 }],
      [
        { executable: true, parts: [[0, 0, 5]], digest: `sha256:${'b'.repeat(64)}`, size: 5, path: 'a' },
        { reference: 's3://bucket/key', digest: `sha256:${'c'.repeat(64)}`, size: 7, path: 'é' },
      ],
    )
    expect(bytesOf(manifest).toString()).toBe(
      [
        '{"formatVersion":1,"chunker":"fastcdc2020-1m-nc2-s0","files":2,"bytes":12}',
        `["${'a'.repeat(64)}",5]`,
        `{"path":"a","size":5,"digest":"sha256:${'b'.repeat(64)}","parts":[[0,0,5]],"executable":true}`,
        `{"path":"é","size":7,"digest":"sha256:${'c'.repeat(64)}","reference":"s3://bucket/key"}`,
        '',
      ].join('\n'),
    )
  })

  it('is written in pieces of bounded size', () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => ({
      path: `file-${String(index).padStart(5, '0')}`,
      size: 0,
      digest: `sha256:${'a'.repeat(64)}` as const,
      parts: [],
    }))
    const pieces = [...encodeManifest(createManifest([], entries))]
    expect(pieces.length).toBeGreaterThan(1)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(600 * 1024)
    expect(parseManifest(Buffer.concat(pieces)).entries).toHaveLength(10_000)
  })
})
