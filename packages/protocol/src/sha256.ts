import { hashPieces, type PieceHash } from '#sha256'
import type { Digest } from './digest.ts'

/** An incremental SHA-256. */
export interface Sha256 {
  /** Adds the next bytes; the caller may change them afterwards. */
  update(bytes: Uint8Array): void
  /** The digest of everything that was added. Call it once, at the end. */
  digest(): Digest
}

/** Begins a SHA-256 (FIPS 180-4) over bytes that arrive in pieces. */
export function createSha256(): Sha256 {
  const hash: PieceHash = hashPieces()
  return {
    update: (bytes) => hash.update(bytes),
    digest: () => `sha256:${hash.hex()}`,
  }
}

/** The digest of bytes in memory. */
export function sha256(bytes: Uint8Array): Digest {
  const hash = createSha256()
  hash.update(bytes)
  return hash.digest()
}
