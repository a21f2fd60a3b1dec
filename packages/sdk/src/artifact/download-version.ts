import { nearbyCopies } from '../assets/nearby-copies.ts'
import type { PlacedEntry } from '../version/placed-entry.ts'
import { downloadTo, type DownloadOptions } from '../download/download.ts'
import { selectEntries } from '../download/select-entries.ts'
import type { StoredVersion } from '../version/version.ts'

/** What is downloaded: entries of a version, possibly without those that were removed since. */
export interface VersionDownload {
  version: StoredVersion
  /** Names the version in messages. */
  label: string
  entries: readonly PlacedEntry[]
}

/** Downloads the entries that the options select to a folder. */
export async function downloadVersion(
  folder: string | URL,
  { version: { place, record }, label, entries }: VersionDownload,
  options: DownloadOptions,
): Promise<string> {
  const { address, storeId, limits } = place.connection
  const findCopies = () => nearbyCopies({ ...record, address, storeId }, { tag: record.tag, limits })
  return downloadTo(
    folder,
    { place, label, entries: await selectEntries(entries, options), findCopies },
    options,
  )
}
