import { nearbyCopies } from '../assets/nearby-copies.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import { downloadTo, type DownloadOptions } from '../download/download.ts'
import { selectEntries } from '../download/select-entries.ts'
import type { StoredVersion } from '../version/version.ts'

/** What is downloaded: entries of a version, possibly without those that were removed since. */
export interface VersionDownload {
  version: StoredVersion
  /** Names the version in messages. */
  label: string
  entries: readonly LocatedEntry[]
}

/** Downloads the entries that the options select to a folder. */
export async function downloadVersion(
  folder: string | URL,
  { version: { scope, record }, label, entries }: VersionDownload,
  options: DownloadOptions,
): Promise<string> {
  const { address, storeId, limits } = scope.connection
  const findCopies = () => nearbyCopies({ ...record, address, storeId }, { tag: record.tag, limits })
  return downloadTo(
    folder,
    { scope, label, entries: await selectEntries(entries, options), findCopies },
    options,
  )
}
