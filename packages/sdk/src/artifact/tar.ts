import { createProgress } from '../transfer/count-progress.ts'
import { throwIfAborted } from '../transfer/abort.ts'
import { tarEntries } from '../transfer/tar-entries.ts'
import { totalsOf, type Download } from './download.ts'
import { checkConcurrency, type LongCallOptions } from './long-call-options.ts'
import type { Selection } from './select-entries.ts'

/** How an archive is made. */
export interface TarOptions extends LongCallOptions, Selection {}

/** The entries of a download as a tar archive, fetched as it is read. */
export async function* tarOf(
  { place, label, entries }: Download,
  { signal, onProgress, quiet = false, ...options }: TarOptions & { modifiedAt: Date },
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal)
  const progress = createProgress(
    { onProgress, label: `Downloading ${label}`, quiet },
    { phase: 'download', ...totalsOf(entries) },
  )
  const context = {
    place,
    progress,
    concurrency: checkConcurrency(options.concurrency),
    modifiedAt: options.modifiedAt,
    signal,
  }
  const archive = tarEntries(context, entries)
  try {
    for await (const piece of archive) {
      throwIfAborted(signal)
      yield piece
    }
    progress.end()
  } finally {
    progress.close()
  }
}
