import { createSha256, TrackwayError, type Digest } from '@trackway/protocol'
import type { ByteStream } from '../stores/object-store.ts'

/** What bytes have to be, and what they are called where they are not. */
export interface ExpectedBytes {
  digest: Digest
  /** Bytes in all. */
  size: number
  /** Such as `The blob sha256:…`. */
  what: string
  /** For programs. */
  details: Record<string, unknown>
}

/**
 * The same bytes, of which the last piece is given only when all of them have the digest: where they do not, nobody takes
 * what came before for the whole. Throws `integrity_error`.
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
  if (actual === digest) return
  throw new TrackwayError(
    'integrity_error',
    `${what} is damaged: its stored bytes have the digest ${actual}; trackway-server check --read-data finds what that affects, and an upload of the same bytes heals it`,
    { details },
  )
}
