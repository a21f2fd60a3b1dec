/** The runtime's SHA-256: node:crypto if available, JavaScript elsewhere. */
export interface PieceHash {
  update(bytes: Uint8Array): void
  hex(): string
}
