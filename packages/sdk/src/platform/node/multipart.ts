import { Readable, Transform } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import type FormData from 'form-data'
import type { MakeBody, OutgoingBlob } from '../request-body.ts'
import { multipartBody as platformBody } from '../browser/multipart.ts'

let loading: Promise<typeof FormData | undefined> | undefined

/** Makes multipart/form-data bodies of blobs, streamed from their pieces without a copy. */
export async function multipartBody(blobs: readonly OutgoingBlob[]): Promise<MakeBody> {
  const Form = await (loading ??= loadFormData())
  return Form === undefined ? platformBody(blobs) : () => stream(fill(new Form(), blobs))
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
