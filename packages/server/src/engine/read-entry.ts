import { TrackwayError, type Manifest, type ManifestEntry } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'

/** The bytes of an entry, or a range of them, from the blobs that hold them. One blob is open at a time. */
export async function* readEntry(
  { blobs, team, manifest }: { blobs: Blobs; team: string; manifest: Manifest },
  entry: ManifestEntry,
  range: ByteRange = { start: 0, end: entry.size },
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
