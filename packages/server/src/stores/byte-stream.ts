import { concatenateBytes, isBytes } from '@trackway/protocol'
import type { ByteStream, ObjectBody } from './object-store.ts'

/** Whether a body has to be waited for. */
export function isStream(body: ObjectBody): body is ByteStream {
  return Symbol.asyncIterator in body
}

/** Bytes at hand as pieces. */
export function piecesOf(body: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return isBytes(body) ? [body] : body
}

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
