import type { Digest } from '@trackway/protocol'
import type { ContentSource } from '../content/content-source.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { BlobRecipes, Ingredient } from './blob-recipes.ts'

/**
 * Keeps recipes for blobs of a base that the server has lost, if all the files in them are at hand: `sources`
 * are files by their digests.
 */
export function keepBaseRecipes(
  recipes: BlobRecipes,
  lost: readonly Digest[],
  { entries, sources }: { entries: readonly LocatedEntry[]; sources: ReadonlyMap<Digest, ContentSource> },
): void {
  const found = new Map(lost.map((digest) => [digest, { size: 0, pieces: new Map<number, Ingredient>() }]))
  for (const { digest, slices } of entries) {
    const source = sources.get(digest)
    let start = 0
    for (const { blob, offset, length } of slices) {
      const wanted = found.get(blob.digest)
      if (wanted !== undefined && source !== undefined) {
        wanted.size = blob.size
        wanted.pieces.set(offset, { source, start, end: start + length })
      }
      start += length
    }
  }
  for (const [digest, { size, pieces }] of found) {
    const ordered = [...pieces].sort(([a], [b]) => a - b)
    if (makeWhole(ordered, size))
      recipes.keep(
        digest,
        ordered.map(([, ingredient]) => ingredient),
      )
  }
}

/** Whether pieces at these offsets cover this many bytes without a gap. */
function makeWhole(pieces: readonly [number, Ingredient][], size: number): boolean {
  let next = 0
  for (const [offset, { start, end }] of pieces) {
    if (offset !== next) return false
    next += end - start
  }
  return next > 0 && next === size
}
