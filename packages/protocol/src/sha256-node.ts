import { createHash } from 'node:crypto'
import type { PieceHash } from './piece-hash.ts'

export type { PieceHash }

/** SHA-256 by node:crypto, which uses the processor's instructions. Node, Deno and Bun have it. */
export function hashPieces(): PieceHash {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
