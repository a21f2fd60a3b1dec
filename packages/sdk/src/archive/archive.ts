import { streamOf } from '../content/stream-of.ts'
import { openMeter, totalOf } from '../calls/meter.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { tarEntries } from './tar-entries.ts'
import type { StoredVersion } from '../version/version.ts'
import { defaultConcurrency, type LongCallOptions } from '../calls/long-call-options.ts'
import { selectEntries, type Selection } from '../read/select-entries.ts'

/** What an archive contains, and how it is fetched. */
export interface ArchiveOptions extends LongCallOptions, Selection {}

/** A version as one tar archive (POSIX.1-2001), fetched as it is read. */
export interface Archive {
  /**
   * The archive as a stream. Nothing is fetched before it is read, and at most about 50 MiB are buffered. If
   * something fails, the stream fails too: what was received then is incomplete.
   */
  stream(): ReadableStream<Uint8Array>
  /** The archive as a Blob of the type `application/x-tar`, which a browser keeps on disk if large. */
  blob(): Promise<Blob>
}

/**
 * The bytes of an archive of the entries that the options select.
 *
 * @internal
 */
export async function* archiveVersion(
  version: StoredVersion,
  options: ArchiveOptions & { label: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { scope, record } = version
  const { signal, onProgress, concurrency = defaultConcurrency, label } = options
  const { quiet = scope.quiet } = options
  throwIfAborted(signal)
  const entries = await selectEntries(version.entries, options)
  const audience = { onProgress, label: `Downloading ${label}`, quiet }
  const { meter, end, close } = openMeter({ ...audience, phase: 'download', total: totalOf(entries) })
  const modifiedAt = new Date(record.createdAt)
  try {
    for await (const piece of tarEntries({ scope, meter, concurrency, modifiedAt, signal }, entries)) {
      throwIfAborted(signal)
      yield piece
    }
    end()
  } finally {
    close()
  }
}

/**
 * A Blob of an archive. Some browsers reject with their own error if a stream fails; the original error is
 * thrown.
 *
 * @internal
 */
export async function blobOf(
  read: (signal: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Blob> {
  let failure: unknown
  async function* noting(signal: AbortSignal) {
    try {
      yield* read(signal)
    } catch (error) {
      failure = error
      throw error
    }
  }
  try {
    return await new Response(streamOf(noting), { headers: { 'content-type': 'application/x-tar' } }).blob()
  } catch (error) {
    throw failure ?? error
  }
}
