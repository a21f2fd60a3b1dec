import { TrackwayError, versionDigest, type ChecksumLine, type VersionRecord } from '@trackway/protocol'
import type { Connection } from '../http/connection.ts'

/**
 * Makes sure that the entries of a manifest are those of the version: they have the digest that its record states.
 * Without this, a server could put any manifest beside a digest that was pinned. Throws `integrity_error`.
 */
export function checkEntries(
  { url }: Pick<Connection, 'url'>,
  {
    attempted,
    record,
    entries,
  }: { attempted: string; record: VersionRecord; entries: Iterable<ChecksumLine> },
): void {
  const actual = versionDigest(entries)
  if (actual === record.digest) return
  throw new TrackwayError(
    'integrity_error',
    `${attempted}: ${url} returned entries with the version digest ${actual}, but its record states ${record.digest}; the store is damaged or the server lies, so nothing of it was used`,
    { details: { host: url, expected: record.digest, actual } },
  )
}
