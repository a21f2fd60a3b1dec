import * as fc from 'fast-check'
import {
  createManifest,
  type Manifest,
  type ManifestBlob,
  type ManifestEntry,
  type Part,
} from '../src/index.ts'

// Characters on which orders, encodings and file systems disagree: plain ones, two to four bytes long, before
// and after the surrogates, line separators, a byte order mark, and characters with a meaning in shells and
// URLs.
const characters = Array.from('aAbZ09.-_ ~:*?"\'[]{}%#&éß漢\uE000\uFFEE\uFFFD\u2028\uFEFF𐀀😀')

/** Any Unicode character. Fast-check's own unit `binary` is the same, but takes half a second to create. */
export const codePoints = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((number) => String.fromCodePoint(number < 0xd800 ? number : number + 0x800))

/** A segment of a path that the rule allows. */
export const segments = fc
  .string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 8 })
  .filter((segment) => segment !== '.' && segment !== '..')

/** A path that the rule allows. */
export const paths = fc.array(segments, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

/** Any string at all, including lone surrogates, and often with what the rule for paths refuses. */
export const anyStrings = fc.oneof(
  fc.string({ unit: codePoints }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom('.', '..', '/', '\\', ':', 'C', 'a', 'e\u0301', 'é', '\0', ' ', '\u0085'),
    maxLength: 8,
  }),
  paths,
)

/** Strings that have a UTF-8 form, dense around the surrogates. */
export const unicodeStrings = fc.oneof(
  fc.string({ unit: codePoints }),
  fc.string({
    unit: fc.constantFrom('a', '\u07ff', '\ud7ff', '\ue000', '\uffff', '𐀀', '😀', '\u{10ffff}'),
    maxLength: 6,
  }),
)

/** The order that the format requires, computed in another way than in the code. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Paths of one version: sorted, no two equal, none a folder of another. */
export const pathSets = fc
  .uniqueArray(paths, { maxLength: 12 })
  .map((all) => all.filter((path) => !all.some((other) => other.startsWith(`${path}/`))).sort(byBytes))

const hexes = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789abcdef')),
  minLength: 64,
  maxLength: 64,
})
const slices = fc.tuple(fc.nat(), fc.nat(), fc.nat())
const contents = fc.record({
  hex: hexes,
  slices: fc.array(slices, { maxLength: 3 }),
  reference: fc.option(fc.string({ unit: codePoints, minLength: 1, maxLength: 20 }), {
    freq: 4,
    nil: undefined,
  }),
  size: fc.nat(),
  executable: fc.boolean(),
})
const blobs = fc.uniqueArray(fc.record({ hex: hexes, size: fc.integer({ min: 1, max: 16 * 1024 * 1024 }) }), {
  selector: ({ hex }) => hex,
  minLength: 1,
  maxLength: 5,
})

/** A manifest that keeps every rule. */
export const manifests: fc.Arbitrary<Manifest> = fc
  .tuple(
    pathSets.chain((set) =>
      fc.tuple(fc.constant(set), fc.array(contents, { minLength: set.length, maxLength: set.length })),
    ),
    blobs,
  )
  .map(([[set, all], pool]) => {
    const used: ManifestBlob[] = []
    const partOf = ([pick, from, count]: [number, number, number]): Part => {
      const { hex, size } = pool[pick % pool.length] ?? { hex: '', size: 1 }
      const digest = `sha256:${hex}` as const
      let index = used.findIndex((blob) => blob.digest === digest)
      if (index === -1) index = used.push({ digest, size }) - 1
      const offset = from % size
      return [index, offset, 1 + (count % (size - offset))]
    }
    const entries = set.map((path, index): ManifestEntry => {
      const content = all[index]
      if (content === undefined) throw new Error('every path has its content')
      const digest = `sha256:${content.hex}` as const
      const rest = content.executable ? { executable: true as const } : {}
      if (content.reference !== undefined) {
        return { path, size: content.size, digest, reference: content.reference, ...rest }
      }
      const parts = content.slices.map(partOf)
      return { path, size: parts.reduce((sum, [, , length]) => sum + length, 0), digest, parts, ...rest }
    })
    return createManifest(used, entries)
  })

/** Cuts bytes at arbitrary places, given as fractions of the whole. */
export function cut(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const places = [
    0,
    ...cuts.map((fraction) => Math.floor(fraction * bytes.length)).sort((a, b) => a - b),
    bytes.length,
  ]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

/** Where to cut, as fractions of the whole. */
export const cutPlaces = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })
