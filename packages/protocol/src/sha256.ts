import { hashPieces, type PieceHash } from '#sha256'
import type { Digest } from './digest.ts'

/** A SHA-256 under way. */
export interface Sha256 {
  /** Takes the next bytes in; they may be changed afterwards. */
  update(bytes: Uint8Array): void
  /** The digest of all that was taken in. Call it once, at the end. */
  digest(): Digest
}

/** Begins a SHA-256 (FIPS 180-4) over bytes that come in pieces. */
export function createSha256(): Sha256 {
  const hash: PieceHash = hashPieces()
  return {
    update: (bytes) => hash.update(bytes),
    digest: () => `sha256:${hash.hex()}`,
  }
}

/** The digest of bytes at hand. */
export function sha256(bytes: Uint8Array): Digest {
  const hash = createSha256()
  hash.update(bytes)
  return hash.digest()
}
