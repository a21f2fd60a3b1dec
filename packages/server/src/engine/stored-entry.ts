import {
  comparePaths,
  TrackwayError,
  type ManifestBlob,
  type ManifestEntry,
  type Part,
} from '@trackway/protocol'
import { countFirst } from '../stores/count-first.ts'
import type { ByteRange } from '../stores/object-store.ts'
import { takeTurn } from './pauses.ts'

/** The cost of checking a part, as bytes of parsing. */
const turnBytes = 32

/** The fields of an entry except its parts, of which there may be millions. */
export type EntryWithoutParts = Omit<ManifestEntry, 'parts'>

/** A slice of a blob. */
export interface BlobSlice extends ByteRange {
  blob: ManifestBlob
}

/** An entry, and where its bytes are. */
export interface StoredEntry {
  entry: EntryWithoutParts
  /** The slices that make a range of the entry, in order, a few thousand at a time. */
  slices(range: ByteRange): AsyncIterable<BlobSlice[]>
}

/** Consecutive parts of an entry. */
export interface SomeParts {
  /** Bytes of the entry before them. */
  position: number
  parts: readonly Part[]
}

/** The blobs of a manifest with these indexes. */
export type FindBlobs = (
  numbers: Iterable<number>,
) => Promise<{ get(number: number): ManifestBlob | undefined }>

/** An entry whose parts are read with its bytes: all of them, or those that a range needs. */
export function storedEntry(
  { path, size, digest, reference, executable }: ManifestEntry,
  partsOf: (range: ByteRange) => Iterable<SomeParts> | AsyncIterable<SomeParts>,
  findBlobs: FindBlobs,
): StoredEntry {
  const entry = {
    path,
    size,
    digest,
    ...(reference !== undefined && { reference }),
    ...(executable && { executable }),
  }
  return {
    entry,
    async *slices(range) {
      for await (const some of partsOf(range)) {
        await takeTurn(some.parts.length * turnBytes)
        const within = partsWithin(some, range)
        const blobs = await findBlobs(within.map(([number]) => number))
        yield within.map(([number, start, length]) => {
          const blob = blobs.get(number)
          if (blob !== undefined) return { blob, start, end: start + length }
          const problem = `The entry ${path} uses a blob that its manifest does not list`
          throw new TrackwayError('integrity_error', problem)
        })
      }
    },
  }
}

/** The parts that make a range of an entry, cut to it. */
function partsWithin({ position, parts }: SomeParts, range: ByteRange): Part[] {
  const within: Part[] = []
  let at = position
  for (const [number, offset, length] of parts) {
    const start = Math.max(range.start - at, 0)
    const end = Math.min(range.end - at, length)
    at += length
    if (start < end) within.push([number, offset + start, end - start])
  }
  return within
}

/** The total size of parts. */
export function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, [, , length]) => sum + length, 0)
}

/** How many of a manifest's entries come before a path. */
export function placeOf(entries: readonly EntryWithoutParts[], path: string): number {
  return countFirst(entries, (entry) => comparePaths(entry.path, path) < 0)
}

const mostAround = 5_000

/** Paths of entries, the nearest to a position first. */
export function pathsAround(entries: readonly EntryWithoutParts[], index: number): string[] {
  const paths: string[] = []
  for (let away = 0; away < mostAround; away += 1)
    for (const entry of [entries[index + away], entries[index - away - 1]])
      if (entry !== undefined) paths.push(entry.path)
  return paths
}
