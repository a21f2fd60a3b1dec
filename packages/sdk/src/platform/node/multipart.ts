import { Readable, Transform } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import FormData from 'form-data'
import type { OutgoingBlob } from '../../http/connection.ts'

/** Blobs as one multipart/form-data body, streamed from the pieces that are at hand: nothing is copied together. */
export function multipartBody(blobs: readonly OutgoingBlob[]): {
  body: BodyInit
  headers: Record<string, string>
} {
  const form = new FormData()
  for (const { digest, bytes, size } of blobs) {
    form.append(digest, contentOf(bytes), { filename: 'blob', knownLength: size })
  }
  const headers = { ...form.getHeaders(), 'content-length': String(form.getLengthSync()) }
  // form-data is a stream of the oldest kind, which nothing but pipe() understands. A stream of objects hands on one
  // piece at a time; a stream of bytes would copy those together that wait.
  const stream = new Transform({
    objectMode: true,
    transform: (piece: Uint8Array | string, _, done) =>
      done(undefined, typeof piece === 'string' ? Buffer.from(piece) : piece),
  })
  form.on('error', (error) => stream.destroy(error))
  form.pipe(stream)
  // Readable.toWeb would copy every piece. Node's own type of web streams and the platform's differ in a detail that
  // does not matter here.
  return { body: ReadableStream.from(stream) as BodyInit, headers }
}

/** A stream for each blob costs more than what it carries is worth, so it is one where it has to be. */
function contentOf(pieces: readonly Uint8Array[]): Buffer | Readable {
  const [only, ...others] = pieces
  if (only === undefined || others.length > 0) return Readable.from(pieces, { objectMode: false })
  return Buffer.from(only.buffer, only.byteOffset, only.byteLength)
}
