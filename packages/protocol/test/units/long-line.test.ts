import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { thrown } from '../thrown.ts'
import type { ManifestEntry, Part } from '../../src/manifest/manifest.ts'
import { createManifestParser, parseManifest } from '../../src/manifest/parse-manifest.ts'

const hex = 'd'.repeat(64)
const encode = (text: string) => new TextEncoder().encode(text)
const parts = Array.from({ length: 20_000 }, (_, at): Part => [0, at % 7, 1 + (at % 3)])
const size = parts.reduce((sum, [, , length]) => sum + length, 0)
const entry = { path: 'é/]"[,{', size, digest: `sha256:${hex}` as const, parts, executable: true as const }
const last = { path: 'ö', size: 0, digest: `sha256:${hex}` as const, parts: [] }

function manifestWith(line: string): Uint8Array {
  const header = JSON.stringify({ formatVersion: 1, chunker: 'x', files: 2, bytes: size })
  return encode(`${header}\n["${hex}",9]\n${line}\n${JSON.stringify(last)}\n`)
}

test('an entry of many parts is read as it was written, in whatever pieces it arrives', () => {
  const { path, digest, executable } = entry
  const list = JSON.stringify(parts).replaceAll('],[', '] ,\t[ ')
  const turned = `  {"parts": ${list} ,"executable":${executable},"digest":"${digest}","size":${size},"path":${JSON.stringify(path)}}`
  for (const bytes of [manifestWith(JSON.stringify(entry)), manifestWith(turned)]) {
    expect(parseManifest(bytes).entries).toEqual([entry, last])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 8 }), (lengths) => {
        const parser = createManifestParser()
        let at = 0
        for (const length of [...lengths, bytes.length]) {
          parser.write(bytes.subarray(at, at + length))
          at += length
        }
        expect(parser.end().entries).toEqual([entry, last])
      }),
      { numRuns: 20 },
    )
  }
})

test('entries are passed on, and their many parts only if these are kept', () => {
  const seen = (keepsParts: boolean) => {
    const entries: ManifestEntry[] = []
    const parser = createManifestParser(undefined, (each) => entries.push(each), keepsParts)
    parser.write(manifestWith(JSON.stringify(entry)))
    expect(parser.end().entries).toEqual([])
    return entries
  }
  expect(seen(true)).toEqual([entry, last])
  expect(seen(false)).toEqual([{ ...entry, parts: [] }, last])
})

const text = JSON.stringify(entry)

test.each([
  ['that ends with a comma', text.replace(']]', '],]'), 'json'],
  ['with two commas', text.replace('],[', '],,['), 'json'],
  ['with another bracket', text.replace(']]', ']}'), 'json'],
  ['that never ends', text.replace(']]', ']'), 'json'],
  ['with a wrong part in the middle', text.replace('],[', '],[0],['), 'entry'],
  ['of a blob that is not listed', text.replace('],[', '],[1,0,1],['), 'blob-index'],
  ['beyond the end of a blob', text.replace('],[', '],[0,9,1],['), 'slice'],
  ['of another size', text.replace('],[', '],[0,0,1],['), 'size'],
  ['under another key', text.replace('"parts"', '"others"'), 'entry'],
  ['beside a reference', text.replace('"parts"', '"reference":"https://x/","parts"'), 'parts'],
])('a long list of parts %s is refused', (_, line, rule) => {
  const error = thrown(() => parseManifest(manifestWith(line)))
  expect(error.details).toMatchObject({ line: 3, rule })
})
