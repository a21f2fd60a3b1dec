import { concatenateBytes, isBytes, messageOf, TrackwayError } from '@trackway/protocol'
import { createSpool } from '#platform'
import type { Spool } from '../content/content-source.ts'
import { throwIfAborted, unlessAborted } from '../concurrency/abort.ts'
import { bytesSource } from '../content/bytes-source.ts'
import type { ContentSource } from '../content/content-source.ts'

const memoryBytes = 4 * 1024 * 1024

/** Bytes that arrive in pieces: a web stream, a Node stream, or a generator. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * Reads a stream to its end, so that its content can be read more than once: up to 4 MiB stay in memory, more
 * goes to a temporary file (in browsers: a Blob), which is removed when the content is released. Throws
 * `option_invalid` for a stream that was read before, `file_error` for one that fails, `aborted`.
 *
 * @internal
 */
export async function takeStream(
  stream: ByteStream,
  label: string,
  signal?: AbortSignal,
): Promise<{ source: ContentSource; size: number }> {
  const held: Uint8Array[] = []
  let size = 0
  let spool: Spool | undefined
  try {
    for await (const piece of piecesOf(stream, label, signal)) {
      const bytes = ownBytes(piece, label)
      size += bytes.length
      held.push(bytes)
      if (size <= memoryBytes) continue
      spool ??= await createSpool(label)
      for (const each of held.splice(0)) await spool.write(each)
    }
    return { source: (await spool?.finish()) ?? bytesSource(concatenateBytes(held), label), size }
  } catch (error) {
    await spool?.discard()
    throw error
  }
}

/** A copy, since the author of a stream may reuse its buffer. */
function ownBytes(piece: unknown, label: string): Uint8Array {
  if (isBytes(piece)) return Uint8Array.prototype.slice.call(piece)
  throw new TrackwayError(
    'option_invalid',
    `Adding ${label}: the stream yields ${typeof piece}s instead of bytes (Uint8Array)`,
  )
}

/** The pieces of a stream. The signal ends it, even while it waits. */
async function* piecesOf(
  stream: ByteStream,
  label: string,
  signal?: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  refuseFailed(stream, label)
  if (wasRead(stream)) throw usedUp(label, 'was read before')
  const { next, stop, isOnce } = openStream(stream, label)
  let isEmpty = true
  let hasEnded = false
  try {
    for (;;) {
      throwIfAborted(signal)
      const { done, value } = await unlessAborted(failing(label, next), signal)
      hasEnded = done === true
      if (hasEnded) break
      isEmpty = false
      yield value
    }
  } finally {
    // Not awaited: a stream whose read hangs never stops.
    if (!hasEnded) stop().catch(() => {})
  }
  if (isEmpty && isOnce) throw usedUp(label, 'yields nothing, like a stream that was read before')
}

interface OpenStream {
  next(): Promise<IteratorResult<unknown, unknown>>
  /** Ends the source. */
  stop(): Promise<unknown>
  /** Whether only yielded bytes can show that it was not read before. */
  isOnce: boolean
}

/** A ReadableStream is read by its reader, since not every browser can iterate over one. */
function openStream(stream: ByteStream, label: string): OpenStream {
  if ('getReader' in stream) {
    const reader = stream.getReader()
    return { next: () => reader.read(), stop: () => reader.cancel(), isOnce: false }
  }
  const iterator: AsyncIterator<unknown> = stream[Symbol.asyncIterator]()
  if (typeof iterator?.next !== 'function') throw usedUp(label, 'cannot be read')
  return {
    next: async () => iterator.next(),
    stop: async () => iterator.return?.(),
    // An iterator iterates over itself; an iterable makes a new one each time.
    isOnce: Object.is(iterator, stream),
  }
}

/**
 * What platforms report: a locked or disturbed web stream, a Node stream that has yielded something or is
 * over.
 */
function wasRead(stream: ByteStream): boolean {
  if ('getReader' in stream) return stream.locked || isDisturbed(stream)
  const { readableDidRead, readableEnded, destroyed } = stream as Partial<NodeStream> // If it is one.
  return readableDidRead === true || readableEnded === true || destroyed === true
}

/** A Node stream keeps the error that ended it. */
function refuseFailed(stream: ByteStream, label: string): void {
  const { errored } = stream as Partial<NodeStream> // If it is one.
  if (errored !== undefined && errored !== null) throw failed(label, errored)
}

interface NodeStream {
  errored: unknown
  readableDidRead: boolean
  readableEnded: boolean
  destroyed: boolean
}

/** A stream does not report it, but a Response refuses such a stream. */
function isDisturbed(stream: ReadableStream<Uint8Array>): boolean {
  try {
    return new Response(stream).bodyUsed
  } catch {
    return true
  }
}

function usedUp(label: string, why: string): TrackwayError {
  return new TrackwayError(
    'option_invalid',
    `Adding ${label}: it ${why}; pass a new one, or new Uint8Array(0) for an empty file`,
  )
}

/** A source may throw anything. */
async function failing(label: string, next: OpenStream['next']): Promise<IteratorResult<unknown, unknown>> {
  try {
    return await next()
  } catch (cause) {
    throw failed(label, cause)
  }
}

function failed(label: string, cause: unknown): TrackwayError {
  if (TrackwayError.isInstance(cause)) return cause
  return new TrackwayError('file_error', `Adding ${label}: it failed: ${messageOf(cause)}`, { cause })
}
