/** `Uint8Array<ArrayBuffer>`, which TypeScript 5.6 and older cannot write. */
type NewBytes = ReturnType<Uint8Array['slice']>

/** Joins pieces into one array; a single piece is returned as it is. */
export function concatenateBytes<Piece extends Uint8Array>(pieces: readonly Piece[]): Piece | NewBytes {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return first
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}
