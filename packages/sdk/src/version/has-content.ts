import { versionDigest } from '@trackway/protocol'
import type { LocatedEntry } from './located-entry.ts'
import type { StoredVersion } from './version.ts'

/** Whether a version has exactly this content: the same files, executable bits and references. */
export function hasContent({ record, entries }: StoredVersion, others: readonly LocatedEntry[]): boolean {
  if (entries.length !== others.length || versionDigest(others) !== record.digest) return false
  return entries.every(({ executable, reference }, index) => {
    const other = others[index]
    return executable === other?.executable && reference === other.reference
  })
}
