import { streamOf } from '../content/stream-of.ts'
import { createProgress } from '../transfer/count-progress.ts'
import { throwIfAborted } from '../transfer/abort.ts'
import { tarEntries } from '../transfer/tar-entries.ts'
import { totalsOf, type Download } from './download.ts'
import { checkConcurrency, type LongCallOptions } from './long-call-options.ts'
import type { Selection } from './select-entries.ts'

/** How an archive is made. */
export interface TarOptions extends LongCallOptions, Selection {}

type ArchiveOptions = TarOptions & {
  /** The time that all files get. */
  modifiedAt: Date
}

/** The entries of a download as a tar archive, fetched as it is read. */
export function tarOf(download: Download, options: ArchiveOptions): ReadableStream<Uint8Array> {
  const concurrency = checkConcurrency(options.concurrency)
  return streamOf((signal) => archive(download, { ...options, concurrency, signal }), options.signal)
}

async function* archive(
  { place, label, entries }: Download,
  { signal, onProgress, quiet = false, ...options }: ArchiveOptions & { concurrency: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal)
  const progress = createProgress(
    { onProgress, label: `Downloading ${label}`, quiet },
    { phase: 'download', ...totalsOf(entries) },
  )
  try {
    const { concurrency, modifiedAt } = options
    for await (const piece of tarEntries({ place, progress, concurrency, modifiedAt, signal }, entries)) {
      throwIfAborted(signal)
      yield piece
    }
    progress.end()
  } finally {
    progress.close()
  }
}
