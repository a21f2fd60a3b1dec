import type { PlacedEntry } from '../content/placed-entry.ts'
import { streamOf } from '../content/stream-of.ts'
import { throwIfAborted } from '../transfer/abort.ts'
import { createProgress, totalsOf } from '../transfer/count-progress.ts'
import { tarEntries } from '../transfer/tar-entries.ts'
import type { VersionDownload } from './download-version.ts'
import { defaultConcurrency, type LongCallOptions } from './long-call-options.ts'
import { selectEntries, type Selection } from './select-entries.ts'

/** How an archive is made. */
export interface ArchiveOptions extends LongCallOptions, Selection {
  /** What the call gives: the archive as a stream, or as a Blob of the type `application/x-tar`. */
  as: 'stream' | 'blob'
}

/** Those entries that the options mean as a tar archive. */
export async function archiveVersion(
  download: VersionDownload,
  options: ArchiveOptions,
): Promise<ReadableStream<Uint8Array> | Blob> {
  const { as, signal } = options
  throwIfAborted(signal)
  const { concurrency = defaultConcurrency } = options
  const entries = await selectEntries(download.entries, options)
  const read = (over: AbortSignal) => packed(download, entries, { ...options, concurrency, signal: over })
  const stream = streamOf(read, signal)
  if (as === 'stream') return stream
  return new Response(stream, { headers: { 'content-type': 'application/x-tar' } }).blob()
}

/** Fetched as it is read. */
async function* packed(
  { version: { place, record }, label }: VersionDownload,
  entries: readonly PlacedEntry[],
  { signal, onProgress, quiet = false, concurrency }: LongCallOptions & { concurrency: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const progress = createProgress(
    { onProgress, label: `Downloading ${label}`, quiet },
    { phase: 'download', ...totalsOf(entries) },
  )
  const modifiedAt = new Date(record.createdAt)
  try {
    for await (const piece of tarEntries({ place, progress, concurrency, modifiedAt, signal }, entries)) {
      throwIfAborted(signal)
      yield piece
    }
    progress.end()
  } finally {
    progress.close()
  }
}
