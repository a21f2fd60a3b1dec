import { TrackwayError, type Digest, type ManifestBlob, type VersionRecord } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'
import { checkedBytes } from './checked-bytes.ts'
import { damageOf, lostBlob } from './damage.ts'
import { takeTurn } from './pauses.ts'
import type { BlobSlice, StoredEntry } from './stored-entry.ts'

/** The most blobs that an error names. */
const mostNamed = 3

/** Blobs that are looked up before an archive begins: if there are more, a lost one ends the stream. */
const mostLookedFor = 1000

/** The cost of reading a blob, as bytes of parsing: parts may be a single byte. */
const turnBytes = 1024

/** A version whose entries are read. */
export interface ReadVersion {
  blobs: Blobs
  record: VersionRecord
}

/**
 * Makes sure that the first of a version's blobs exist. Throws `integrity_error`, which names the version.
 */
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
 * The bytes of an entry, or a range of them, from the blobs that hold them. One blob is open at a time. Blobs
 * that are read whole are checked, and so is an entry that is read whole: damage throws `integrity_error`
 * before the last piece.
 */
export async function* readEntry(source: ReadVersion, stored: StoredEntry, range?: ByteRange): ByteStream {
  const { path, size, digest } = stored.entry
  const { start, end } = range ?? { start: 0, end: size }
  const bytes = readSlices(source, stored, { start, end })
  // Blobs that the entry uses as a whole are checked one by one.
  const cut = start > 0 || end < size ? [] : await cutBlobs(source, stored)
  if (cut.length === 0) return yield* bytes
  const blobs = cut.slice(0, mostNamed)
  const what = `The file ${path} in the blob ${blobs.join(', ')}${cut.length > mostNamed ? ', …' : ''}`
  yield* checkedBytes(bytes, { digest, size, what, details: { path, digest, blobs } })
}

/** Some of the blobs of which an entry uses a part. */
async function cutBlobs({ record }: ReadVersion, stored: StoredEntry): Promise<Digest[]> {
  const cut = new Set<Digest>()
  for await (const slices of slicesOf(record, stored, { start: 0, end: stored.entry.size })) {
    for (const { blob, start, end } of slices) if (end - start !== blob.size) cut.add(blob.digest)
    if (cut.size > mostNamed) break
  }
  return [...cut]
}

async function* readSlices(
  { blobs, record }: ReadVersion,
  stored: StoredEntry,
  range: ByteRange,
): ByteStream {
  for await (const slices of slicesOf(record, stored, range)) {
    for (const { blob, start, end } of slices) {
      await takeTurn(turnBytes)
      const { body } = await blobs.get(record.team, blob.digest, { start, end }).catch((error: unknown) => {
        const isLost = TrackwayError.hasCode(error, 'not_found', 'integrity_error')
        throw isLost ? lostBlob(record, blob.digest) : error
      })
      yield* body
    }
  }
}

/** The slices of an entry. If the manifest is damaged, the error names the version. */
async function* slicesOf(
  record: VersionRecord,
  stored: StoredEntry,
  range: ByteRange,
): AsyncGenerator<BlobSlice[]> {
  try {
    yield* stored.slices(range)
  } catch (error) {
    throw damageOf(record, error)
  }
}
