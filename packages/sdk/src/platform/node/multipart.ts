import { PassThrough, Readable } from 'node:stream'
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
    form.append(digest, Readable.from(bytes, { objectMode: false }), { filename: 'blob', knownLength: size })
  }
  const headers = { ...form.getHeaders(), 'content-length': String(form.getLengthSync()) }
  // form-data is a stream of the oldest kind, which nothing but pipe() understands.
  const stream = new PassThrough()
  form.on('error', (error) => stream.destroy(error))
  form.pipe(stream)
  // Readable.toWeb would copy every piece. Node's own type of web streams and the platform's differ in a detail that
  // does not matter here.
  return { body: ReadableStream.from(stream) as BodyInit, headers }
}
