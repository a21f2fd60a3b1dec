import { TrackwayError, type Manifest, type ManifestEntry } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'
import { checkedBytes } from './checked-bytes.ts'

/** Blobs that an error names. */
const mostNamed = 3

interface Source {
  blobs: Blobs
  team: string
  manifest: Manifest
}

/**
 * The bytes of an entry, or a range of them, from the blobs that hold them. One blob is open at a time. Blobs that are
 * read whole are checked, and so is an entry that is read whole: damage throws `integrity_error` before the last piece.
 */
export function readEntry(source: Source, entry: ManifestEntry, range?: ByteRange): ByteStream {
  const { start, end } = range ?? { start: 0, end: entry.size }
  const bytes = readParts(source, entry, { start, end })
  const { path, size, digest, parts = [] } = entry
  const cut = parts.flatMap(([index, , length]) => {
    const blob = source.manifest.blobs[index]
    return blob === undefined || blob.size === length ? [] : blob.digest
  })
  // Blobs that the entry has whole are checked one by one.
  if (cut.length === 0 || start > 0 || end < size) return bytes
  const what = `The file ${path} in the blob ${cut.slice(0, mostNamed).join(', ')}${cut.length > mostNamed ? ', …' : ''}`
  return checkedBytes(bytes, {
    digest,
    size,
    what,
    details: { path, digest, blobs: cut.slice(0, mostNamed) },
  })
}

async function* readParts(
  { blobs, team, manifest }: Source,
  entry: ManifestEntry,
  range: ByteRange,
): ByteStream {
  let position = 0
  for (const [index, offset, length] of entry.parts ?? []) {
    const start = Math.max(range.start - position, 0)
    const end = Math.min(range.end - position, length)
    position += length
    if (start >= end) continue
    const blob = manifest.blobs[index]
    if (blob === undefined)
      throw new TrackwayError(
        'integrity_error',
        `The entry ${entry.path} uses a blob that its manifest does not list`,
      )
    yield* (await blobs.get(team, blob.digest, { start: offset + start, end: offset + end })).body
  }
}
