import { TrackwayError, type Digest, type ManifestBlob, type VersionRecord } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'
import { checkedBytes } from './checked-bytes.ts'
import { lostBlob } from './damage.ts'
import type { StoredEntry } from './stored-entry.ts'

/** Blobs that an error names. */
const mostNamed = 3

/** Blobs that are looked for before an archive begins: with more of them, a lost one ends the stream. */
const mostLookedFor = 1000

/** A version whose entries are read. */
export interface ReadVersion {
  blobs: Blobs
  record: VersionRecord
}

/** Makes sure that the first of a version's blobs are there. Throws `integrity_error`, which names the version. */
export async function demandBlobs(
  { blobs, record }: ReadVersion,
  used: Iterable<ManifestBlob>,
): Promise<void> {
  const digests: Digest[] = []
  for (const { digest } of used) if (digests.push(digest) === mostLookedFor) break
  const [lost] = await blobs.findMissing(record.team, digests)
  if (lost !== undefined) throw lostBlob(record, lost)
}

/**
 * The bytes of an entry, or a range of them, from the blobs that hold them. One blob is open at a time. Blobs that are
 * read whole are checked, and so is an entry that is read whole: damage throws `integrity_error` before the last piece.
 */
export function readEntry(source: ReadVersion, stored: StoredEntry, range?: ByteRange): ByteStream {
  const { entry } = stored
  const { start, end } = range ?? { start: 0, end: entry.size }
  const bytes = readParts(source, stored, { start, end })
  const { path, size, digest, parts = [] } = entry
  const cut = parts.flatMap(([index, , length]) => {
    const blob = stored.blobs[index]
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

async function* readParts({ blobs, record }: ReadVersion, stored: StoredEntry, range: ByteRange): ByteStream {
  for (const { digest, start, end } of slicesOf(stored, range)) {
    const { body } = await blobs.get(record.team, digest, { start, end }).catch((error: unknown) => {
      const isLost = TrackwayError.hasCode(error, 'not_found', 'integrity_error')
      throw isLost ? lostBlob(record, digest) : error
    })
    yield* body
  }
}

/** The ranges of blobs that make a range of an entry. */
function* slicesOf(
  { blobs, entry: { path, size, parts = [] } }: StoredEntry,
  range: ByteRange = { start: 0, end: size },
): Generator<ByteRange & { digest: Digest }> {
  let position = 0
  for (const [index, offset, length] of parts) {
    const start = Math.max(range.start - position, 0)
    const end = Math.min(range.end - position, length)
    position += length
    if (start >= end) continue
    const blob = blobs[index]
    if (blob === undefined)
      throw new TrackwayError(
        'integrity_error',
        `The entry ${path} uses a blob that its manifest does not list`,
      )
    yield { digest: blob.digest, start: offset + start, end: offset + end }
  }
}
