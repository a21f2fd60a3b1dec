import { concatenateBytes, isBytes } from '@trackway/protocol'
import type { ByteStream, ObjectBody } from './object-store.ts'

/** Whether a body is read asynchronously. */
export function isStream(body: ObjectBody): body is ByteStream {
  return Symbol.asyncIterator in body
}

/** Bytes in memory, as pieces. */
export function piecesOf(body: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return isBytes(body) ? [body] : body
}

/** All bytes of a stream, copied. */
export async function collectBytes(stream: ByteStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  // The source may reuse the piece's memory for the next one.
  for await (const piece of stream) pieces.push(piece.slice())
  return concatenateBytes(pieces)
}

/** Reads a stream to its end and discards it; rethrows what it throws. */
export async function drainBytes(stream: ByteStream): Promise<void> {
  for await (const piece of stream) void piece
}
