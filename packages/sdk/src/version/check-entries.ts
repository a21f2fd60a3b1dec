import { TrackwayError, versionDigest, type ChecksumLine, type VersionRecord } from '@trackway/protocol'
import type { Connection } from '../client/connection.ts'

/** What is checked: entries, and the record of their version. */
export interface CheckedEntries {
  attempted: string
  record: VersionRecord
  entries: readonly (ChecksumLine & { size: number })[]
}

/**
 * Makes sure that the entries of a manifest are those of the version: they have the digest, the number and
 * the total size that its record states. Otherwise a server could combine any manifest with a pinned digest.
 * Throws `integrity_error`.
 */
export function checkEntries(
  { url }: Pick<Connection, 'url'>,
  { attempted, record, entries }: CheckedEntries,
): void {
  const actual = versionDigest(entries)
  // Rule: a version's entries have the digest of its record.
  if (actual !== record.digest) {
    throw new TrackwayError(
      'integrity_error',
      `${attempted}: ${url} returned entries with the version digest ${actual}, but its record states ${record.digest}; the store is damaged or the server is malicious, so its answer was not used`,
      { details: { host: url, expected: record.digest, actual } },
    )
  }
  const files = entries.length
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  if (files === record.fileCount && bytes === record.size) return
  throw new TrackwayError(
    'integrity_error',
    `${attempted}: ${url} returned ${files} files of ${bytes} bytes, but its record states ${record.fileCount} of ${record.size}; the store is damaged or the server is malicious, so its answer was not used`,
    { details: { host: url, files, bytes } },
  )
}
