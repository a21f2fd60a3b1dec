import { Readable, Transform } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import type FormData from 'form-data'
import { formOf, type MakeBody, type OutgoingBlob } from '../request-body.ts'

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

let loading: Promise<typeof FormData | undefined> | undefined

/** Makes multipart/form-data bodies of blobs, streamed from their pieces without a copy. */
export async function multipartBody(blobs: readonly OutgoingBlob[]): Promise<MakeBody> {
  const Form = await (loading ??= loadFormData())
  return Form === undefined ? formOf(blobs) : () => stream(fill(new Form(), blobs))
}

/**
 * Loaded only by the first upload, since it is half of what the SDK installs. Undefined if a bundle cannot
 * load it: it is CommonJS and requires modules of Node, which esbuild's ESM output does not support.
 */
async function loadFormData(): Promise<typeof FormData | undefined> {
  try {
    return (await import('form-data')).default
  } catch {
    return undefined
  }
}

function fill(form: FormData, blobs: readonly OutgoingBlob[]): FormData {
  for (const { digest, bytes, size } of blobs)
    form.append(digest, contentOf(bytes), { filename: 'blob', knownLength: size })
  return form
}

function stream(form: FormData): { body: BodyInit; headers: Record<string, string> } {
  const headers = { ...form.getHeaders(), 'content-length': String(form.getLengthSync()) }
  // form-data is a stream of the oldest kind, which supports only pipe(). An object stream passes on one
  // piece at a time; a byte stream would copy waiting pieces together.
  const pieces = new Transform({
    objectMode: true,
    transform: (piece: Uint8Array | string, _, done) =>
      done(undefined, typeof piece === 'string' ? Buffer.from(piece) : piece),
  })
  form.on('error', (error) => pieces.destroy(error))
  form.pipe(pieces)
  // Readable.toWeb would copy every piece. Node's type of web streams and the platform's differ in a detail
  // that does not matter here.
  return { body: ReadableStream.from(pieces) as BodyInit, headers }
}

/** A stream per blob costs more than its content is worth, so it is only used if necessary. */
function contentOf(pieces: readonly Uint8Array[]): Buffer | Readable {
  const [only, ...others] = pieces
  if (only === undefined || others.length > 0) return Readable.from(pieces, { objectMode: false })
  return Buffer.from(only.buffer, only.byteOffset, only.byteLength)
}
