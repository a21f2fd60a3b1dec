/** What a runtime brings for SHA-256: node:crypto where there is one, JavaScript elsewhere. */
export interface PieceHash {
  update(bytes: Uint8Array): void
  hex(): string
}
