import type { ManifestBlob } from '@trackway/protocol'
import type { LocatedEntry, Slice } from '../version/located-entry.ts'

/** A piece of an entry within the result of one request. */
export interface Piece {
  entry: LocatedEntry
  /** The index of the entry's slice. */
  slice: number
  /** Bytes into the entry's file. */
  position: number
  /** Bytes into the blob. */
  offset: number
  /** Bytes. */
  length: number
}

/** One request: a range of a blob, often all of it, and the pieces of entries in it. */
export interface Fetch {
  blob: ManifestBlob
  start: number
  end: number
  /** Sorted by their offset. */
  pieces: Piece[]
}

/** The part of a blob that a request fetches. */
export function sliceOf({ blob, start, end }: Fetch): Slice {
  return { blob, offset: start, length: end - start }
}

const wholeShare = 0.5
const gapBytes = 64 * 1024

/**
 * What to fetch for these entries, except for slices that are present: a blob as a whole if at least half of
 * it is needed, since it can then be checked and costs one request; otherwise the ranges that are needed,
 * with adjacent ones combined.
 */
export function planFetches(
  entries: readonly LocatedEntry[],
  isThere: (entry: LocatedEntry, slice: number) => boolean = () => false,
): Fetch[] {
  const pieces = new Map<string, { blob: ManifestBlob; pieces: Piece[] }>()
  for (const entry of entries) {
    let position = 0
    for (const [slice, { blob, offset, length }] of entry.slices.entries()) {
      position += length
      if (isThere(entry, slice)) continue
      const group = pieces.get(blob.digest) ?? { blob, pieces: [] }
      group.pieces.push({ entry, slice, position: position - length, offset, length })
      pieces.set(blob.digest, group)
    }
  }
  return [...pieces.values()].flatMap(planBlob)
}

function planBlob({ blob, pieces }: { blob: ManifestBlob; pieces: Piece[] }): Fetch[] {
  const sorted = pieces.sort((a, b) => a.offset - b.offset)
  if (coveredBytes(sorted) >= blob.size * wholeShare)
    return [{ blob, start: 0, end: blob.size, pieces: sorted }]
  const fetches: Fetch[] = []
  for (const piece of sorted) {
    const last = fetches.at(-1)
    const end = piece.offset + piece.length
    if (last === undefined || piece.offset - last.end > gapBytes) {
      fetches.push({ blob, start: piece.offset, end, pieces: [piece] })
    } else {
      last.end = Math.max(last.end, end)
      last.pieces.push(piece)
    }
  }
  return fetches
}

/** Bytes that pieces cover together; some may overlap, as those of two equal files do. */
function coveredBytes(sorted: readonly { offset: number; length: number }[]): number {
  let covered = 0
  let reached = 0
  for (const { offset, length } of sorted) {
    covered += Math.max(0, offset + length - Math.max(reached, offset))
    reached = Math.max(reached, offset + length)
  }
  return covered
}
