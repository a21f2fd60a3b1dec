import { concatenateBytes } from '@trackway/protocol'
import type { ByteStream } from './object-store.ts'

/** All bytes of a stream, in memory of their own. */
export async function collectBytes(stream: ByteStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  // The giver may use the piece's memory again for the next one.
  for await (const piece of stream) pieces.push(piece.slice())
  return concatenateBytes(pieces)
}

/** Reads a stream to its end and keeps nothing; what it throws is thrown on. */
export async function drainBytes(stream: ByteStream): Promise<void> {
  for await (const piece of stream) void piece
}
