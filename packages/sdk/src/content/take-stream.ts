import { concatenateBytes, TrackwayError } from '@trackway/protocol'
import { fileSystem } from '#platform'
import type { Spool } from '../platform/file-system.ts'
import { bytesSource } from './bytes-source.ts'
import type { ContentSource } from './content-source.ts'

const memoryBytes = 4 * 1024 * 1024

/** Bytes that come in pieces: of the web, of Node, or of a generator. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * Takes a stream to its end, so that it can be read more than once: up to 4 MiB stay in memory, what is larger goes to
 * a temporary file (in browsers: a Blob), which is removed when the content is released.
 */
export async function takeStream(
  stream: ByteStream,
  label: string,
): Promise<{ source: ContentSource; size: number }> {
  const held: Uint8Array[] = []
  let size = 0
  let spool: Spool | undefined
  try {
    for await (const piece of iterate(stream)) {
      const bytes = ownBytes(piece, label)
      size += bytes.length
      held.push(bytes)
      if (size <= memoryBytes) continue
      spool ??= await fileSystem.createSpool(label)
      for (const each of held.splice(0)) await spool.write(each)
    }
    return { source: (await spool?.finish()) ?? bytesSource(concatenateBytes(held), label), size }
  } catch (error) {
    await spool?.discard()
    throw error
  }
}

/** A copy, since whoever makes a stream may fill the same buffer again. */
function ownBytes(piece: unknown, label: string): Uint8Array {
  if (piece instanceof Uint8Array) return Uint8Array.prototype.slice.call(piece)
  throw new TrackwayError(
    'option_invalid',
    `Adding ${label}: the stream gives ${typeof piece}s and not bytes (Uint8Array)`,
  )
}

/** A ReadableStream is read by its reader, since not every browser can iterate over one. */
async function* iterate(stream: ByteStream): AsyncGenerator<unknown, void, undefined> {
  if (!('getReader' in stream)) {
    yield* stream
    return
  }
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    // Does nothing at the end; ends the source where the reading stopped early.
    await reader.cancel()
  }
}
