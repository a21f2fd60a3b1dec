import { createSha256, TrackwayError, type Digest } from '@trackway/protocol'
import type { ByteStream } from '../stores/object-store.ts'

/** The expected properties of bytes, and their name in messages. */
export interface ExpectedBytes {
  digest: Digest
  /** The total size in bytes. */
  size: number
  /** Such as `The blob sha256:…`. */
  what: string
  /** Details for programs. */
  details: Record<string, unknown>
}

/**
 * The same bytes. The last piece is returned only if all bytes have the digest, so that damaged bytes are
 * never taken for the whole. Throws `integrity_error`.
 */
export async function* checkedBytes(body: ByteStream, expected: ExpectedBytes): ByteStream {
  const hash = createSha256()
  let received = 0
  for await (const piece of body) {
    hash.update(piece)
    received += piece.length
    if (received >= expected.size) demandDigest(hash.digest(), expected)
    yield piece
  }
  if (received < expected.size || expected.size === 0) demandDigest(hash.digest(), expected)
}

function demandDigest(actual: Digest, { digest, what, details }: ExpectedBytes): void {
  // Rule: the server returns stored bytes only if they have their digest.
  if (actual === digest) return
  throw new TrackwayError(
    'integrity_error',
    `${what} is damaged: its stored bytes have the digest ${actual}; trackway-server check --read-data finds what that affects, and uploading the same bytes again repairs it`,
    { details },
  )
}
