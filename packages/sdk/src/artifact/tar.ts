import { createProgress } from '../transfer/count-progress.ts'
import { throwIfAborted } from '../transfer/abort.ts'
import { tarEntries } from '../transfer/tar-entries.ts'
import { totalsOf } from './download.ts'
import type { VersionDownload } from './download-version.ts'
import { checkConcurrency, type LongCallOptions } from './long-call-options.ts'
import { selectEntries, type Selection } from './select-entries.ts'

/** How an archive is made. */
export interface TarOptions extends LongCallOptions, Selection {}

/** Those entries that the options mean as a tar archive, fetched as it is read. */
export async function* tarVersion(
  { version: { place, record }, label, entries: all }: VersionDownload,
  { signal, onProgress, quiet = false, concurrency, ...selection }: TarOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal)
  const entries = await selectEntries(all, selection)
  const progress = createProgress(
    { onProgress, label: `Downloading ${label}`, quiet },
    { phase: 'download', ...totalsOf(entries) },
  )
  const context = {
    place,
    progress,
    concurrency: checkConcurrency(concurrency),
    modifiedAt: new Date(record.createdAt),
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
