import { createSha256, sha256, TrackwayError, type Digest } from '@trackway/protocol'
import { gatherBytes } from '../content/byte-pieces.ts'
import type { LocatedEntry, Slice } from '../version/located-entry.ts'
import { IntegrityError } from '../errors.ts'
import type { OwnedBytes } from '../tasks/tasks.ts'
import { fetchBytes } from '../client/fetch-bytes.ts'
import type { PresignedBlobs } from '../client/presigned-urls.ts'
import type { BlobScope } from '../version/version.ts'
import { explainLostBlob } from './lost-blob.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { leastPresignedBytes, openPresignedUrls } from './presigned-blobs.ts'
import { isReference, readReference, verifiedInMemory } from './read-reference.ts'
import { runAhead } from '../concurrency/run-limited.ts'

export interface ReadOptions {
  /** The first byte. Default: 0. */
  start?: number | undefined
  /** The exclusive end offset. Default: the size. */
  end?: number | undefined
  signal?: AbortSignal | undefined
}

const blobsAhead = 3

/**
 * The bytes of a stored entry, or a range of them: only these are fetched. A whole entry, and each blob that
 * is used as a whole, is checked before it is passed on. A range of a blob cannot be checked, since digests
 * are of whole blobs.
 */
export async function* readStored(
  scope: BlobScope,
  entry: LocatedEntry,
  { start = 0, end = entry.size, signal }: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (isReference(entry)) {
    yield* readReference(scope.connection.elsewhere, entry, { start, end, signal })
    return
  }
  const whole = start === 0 && end === entry.size
  const [only, ...others] = entry.slices
  if (whole && only !== undefined && others.length === 0) {
    const urls = await openPresignedUrls(scope, entry.slices, { path: entry.path, signal })
    yield await fetchSlice(scope, only, { path: entry.path, expected: entry.digest, urls, signal })
    return
  }
  const slices = cutSlices(entry.slices, start, end)
  const urls = await openPresignedUrls(scope, slices, { path: entry.path, signal })
  const pieces = runAhead(
    slices,
    (slice) => fetchSlice(scope, slice, { path: entry.path, urls, signal }),
    blobsAhead,
  )
  if (!whole) yield* pieces
  else if (entry.size > verifiedInMemory) yield* verifyPassing(pieces, entry)
  else yield verify(await gatherBytes(pieces), entry)
}

/** The slices of a range of the content of these slices. */
function cutSlices(slices: readonly Slice[], start: number, end: number): Slice[] {
  const found: Slice[] = []
  let position = 0
  for (const { blob, offset, length } of slices) {
    const from = Math.max(start - position, 0)
    const to = Math.min(end - position, length)
    if (from < to) found.push({ blob, offset: offset + from, length: to - from })
    position += length
  }
  return found
}

interface Fetch {
  path: string
  /** The digest of the slice, if it is known. */
  expected?: Digest
  /** Where to put the bytes, if there is a buffer that is large enough. */
  memory?: OwnedBytes | undefined
  /** The caller checks the bytes. */
  unchecked?: boolean
  /**
   * Checks the bytes instead of comparing a digest. Throws `integrity_error`: then they are fetched once
   * more.
   */
  check?: (bytes: Uint8Array) => void
  /** Direct access to the object store, to be tried before the server. */
  urls?: PresignedBlobs | undefined
  signal: AbortSignal | undefined
}

/**
 * Fetches a slice of a blob, and checks it if there is something to check it against. What cannot be fetched
 * directly from the object store, or is wrong there, is fetched from the server.
 */
export async function fetchSlice(
  scope: BlobScope,
  { blob, offset, length }: Slice,
  { path, expected, memory, unchecked = false, check, urls, signal }: Fetch,
): Promise<OwnedBytes> {
  throwIfAborted(signal)
  const { connection, team } = scope
  const isWhole = length === blob.size
  const digest = expected ?? (isWhole ? blob.digest : undefined)
  const wanted = {
    attempted: `Reading ${path}`,
    range: isWhole ? undefined : { start: offset, end: offset + length },
    length,
    memory,
    signal,
    check(bytes: Uint8Array) {
      if (check !== undefined) check(bytes)
      else if (!unchecked && digest !== undefined) checkDigest(path, digest, sha256(bytes))
    },
  }
  const linked =
    length < leastPresignedBytes ? undefined : await urls?.bytes({ ...wanted, digest: blob.digest })
  if (linked !== undefined) return linked
  try {
    return await fetchBytes(connection, 'getBlob', { ...wanted, parameters: { team, digest: blob.digest } })
  } catch (error) {
    if (!TrackwayError.hasCode(error, 'not_found')) throw error
    throw await explainLostBlob(scope, { digest: blob.digest, path, signal }, error)
  }
}

/** Throws `IntegrityError` unless the digests agree. */
export function checkDigest(path: string, expected: Digest, actual: Digest | undefined): void {
  // Rule: a client uses bytes only if they have their digest.
  if (actual === expected) return
  throw new IntegrityError(`Reading ${path}`, { path, expected, actual: actual ?? 'none' })
}

function verify(bytes: Uint8Array, { path, digest }: LocatedEntry): Uint8Array {
  checkDigest(path, digest, sha256(bytes))
  return bytes
}

async function* verifyPassing(pieces: AsyncIterable<Uint8Array>, { path, digest }: LocatedEntry) {
  const hash = createSha256()
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
  checkDigest(path, digest, hash.digest())
}
