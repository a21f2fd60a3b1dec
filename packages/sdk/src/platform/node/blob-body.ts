import { ReadableStream } from 'node:stream/web'
import type { OutgoingBlob } from '../request-body.ts'

const pieceBytes = 256 * 1024

/** A blob as the whole body, streamed from its pieces. Its length is set, as stores require. */
export function blobBody({ bytes, size }: OutgoingBlob): {
  body: BodyInit
  headers: Record<string, string>
} {
  // Node's type of web streams and the platform's differ in a detail that does not matter here.
  return { body: ReadableStream.from(cut(bytes)) as BodyInit, headers: { 'content-length': String(size) } }
}

/** Each piece that is sent counts as movement. */
function* cut(bytes: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  for (const piece of bytes) {
    for (let start = 0; start < piece.length; start += pieceBytes)
      yield piece.subarray(start, start + pieceBytes)
  }
}
