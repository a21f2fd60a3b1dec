import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { PieceHash } from './piece-hash.ts'

export type { PieceHash }

/** SHA-256 in JavaScript, for browsers: WebCrypto cannot hash incrementally. */
export function hashPieces(): PieceHash {
  const hash = sha256.create()
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) }
}
