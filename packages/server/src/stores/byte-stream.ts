import type { ByteStream } from './object-store.ts'

/** All bytes of a stream, in memory of their own. */
export async function collectBytes(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of stream) {
    // The giver may use the piece's memory again for the next one.
    pieces.push(piece.slice())
    size += piece.length
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const piece of pieces) {
    bytes.set(piece, offset)
    offset += piece.length
  }
  return bytes
}

/** Reads a stream to its end and keeps nothing; what it throws is thrown on. */
export async function drainBytes(stream: ByteStream): Promise<void> {
  for await (const piece of stream) void piece
}
