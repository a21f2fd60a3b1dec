import { brandOf, TrackwayError } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'

/** A request for bytes, and a callback for an answer that breaks off after it began. */
export interface BytesRequest {
  request: Request
  onBroken: (error: unknown) => void
}

/** Bytes that never change, and how to read them. */
export interface BytesSource {
  /** Quoted as a strong ETag. */
  tag: string
  type: string
  headers?: Record<string, string>
  /** The total size, and a range of the bytes or all. A range that reaches beyond the end is cut. */
  open(range?: ByteRange): Promise<{ size: number; body: ByteStream }>
  /** The total size, without opening them. */
  size(): Promise<number>
}

/** As much as a store returns at once: answers up to this size are read before they are sent. */
export const wholeBytes = 1024 * 1024
/** Headers of an answer that may be another one the next time. */
export const mayMove = { 'cache-control': 'private, no-cache' }

const unbounded = Number.MAX_SAFE_INTEGER

/** Answers GET and HEAD requests for bytes: with all of them, one range (RFC 9110, section 14), or 304. */
export async function bytesResponse(
  { request, onBroken }: BytesRequest,
  source: BytesSource,
): Promise<Response> {
  const etag = `"${source.tag}"`
  const headers = new Headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    vary: 'Authorization', // A browser's cache must not return to one key what another one fetched.
    'content-type': source.type,
    'x-content-type-options': 'nosniff',
    ...source.headers,
  })
  if (matchesTag(request.headers.get('if-none-match'), etag)) {
    await source.size() // A missing object is not unchanged.
    return new Response(null, { status: 304, headers })
  }
  if (request.method === 'HEAD') {
    headers.set('content-length', String(await source.size()))
    return new Response(null, { headers })
  }
  const wanted = await wantedRange(request, source, etag)
  if (wanted === undefined) {
    const { size, body } = await source.open()
    headers.set('content-length', String(size))
    return new Response(await bodyOf(body, size, onBroken), { headers })
  }
  const { size, body } = await source.open(wanted)
  if (wanted.start >= size) throw notSatisfiable(size)
  const end = Math.min(wanted.end, size)
  headers.set('content-range', `bytes ${wanted.start}-${end - 1}/${size}`)
  headers.set('content-length', String(end - wanted.start))
  return new Response(await bodyOf(body, end - wanted.start, onBroken), { status: 206, headers })
}

/**
 * Small bytes are read before the answer begins, and the first piece of larger ones, so that damage found
 * there is a problem and not a broken connection.
 */
async function bodyOf(
  body: ByteStream,
  size: number,
  onBroken: BytesRequest['onBroken'],
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (size <= wholeBytes) return gather(body, size)
  const iterator = body[Symbol.asyncIterator]()
  return streamOf(iterator, onBroken, await iterator.next())
}

/** Joins the pieces, of which there may be a million. */
async function gather(body: ByteStream, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size)
  let at = 0
  for await (const piece of body) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes.subarray(0, at)
}

/** Whether a condition names an ETag, weak or strong (RFC 9110, section 13.1.2). */
export function matchesTag(header: string | null, etag: string): boolean {
  return header !== null && header.split(',').some((part) => ['*', etag, `W/${etag}`].includes(part.trim()))
}

/** The requested range. Several ranges, other units and ranges of an older state get the whole. */
async function wantedRange(
  request: Request,
  source: BytesSource,
  etag: string,
): Promise<ByteRange | undefined> {
  const condition = request.headers.get('if-range')
  if (condition !== null && condition !== etag) return undefined
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(request.headers.get('range')?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const size = await source.size()
    if (Number(last) === 0 || size === 0) throw notSatisfiable(size)
    return { start: Math.max(size - Number(last), 0), end: size }
  }
  const start = Number(first)
  const end = last === '' ? unbounded : Number(last) + 1
  return end > start ? { start, end } : undefined
}

function notSatisfiable(size: number): TrackwayError {
  return new TrackwayError(
    'range_not_satisfiable',
    `The range is outside the content, which has ${size} bytes`,
    {
      details: { size },
    },
  )
}

/**
 * A web stream over an iterable: it reads only on demand, and closes the iterable when the reader goes away.
 */
export function toReadableStream(
  bytes: ByteStream,
  onBroken: BytesRequest['onBroken'],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return streamOf(bytes[Symbol.asyncIterator](), onBroken)
}

/** The pieces of an iterator, of which the first may have been read already. */
function streamOf(
  iterator: AsyncIterator<Uint8Array>,
  onBroken: BytesRequest['onBroken'],
  first?: IteratorResult<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let read = first
  let isCancelled = false
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = read ?? (await iterator.next())
          read = undefined
          if (done) controller.close()
          else controller.enqueue(ownBuffer(value))
        } catch (error) {
          if (isCancelled) return // Nobody needs what was read meanwhile.
          onBroken(error)
          throw error
        }
      },
      async cancel() {
        isCancelled = true
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Response bodies may not use shared memory; no store does, so nothing is copied. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // Just checked.
  return brandOf(bytes.buffer) === 'ArrayBuffer' ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice()
}
