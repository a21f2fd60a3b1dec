import { comparePaths, formatSpec, type TrackwayError } from '@trackway/protocol'
import type { LocatedEntry } from '../version/located-entry.ts'
import { MergeConflictError } from '../errors.ts'
import { mergeEntries } from './merge.ts'
import { labelOf, readLatest } from '../version/stored-version.ts'
import type { Scope } from '../client/scope.ts'
import type { StoredVersion } from '../version/version.ts'

interface Ours {
  type: string
  name: string
  base: StoredVersion | undefined
  entries: readonly LocatedEntry[]
  /** The server's refusal of our version. */
  conflict: TrackwayError
}

/** Our entries merged with those of the version that was made before ours. Throws `MergeConflictError`. */
export async function mergeWithLatest(
  scope: Scope,
  { type, name, base, entries, conflict }: Ours,
  signal: AbortSignal,
): Promise<{ latest: StoredVersion; entries: LocatedEntry[] }> {
  const { version: latest } = await readLatest(scope, { name, type, signal })
  if (latest === undefined) throw conflict
  const { merged, conflicts } = mergeEntries(base?.entries ?? [], entries, latest.entries)
  if (conflicts.length > 0) {
    throw new MergeConflictError(`Uploading ${formatSpec({ type, name })}`, {
      with: labelOf(latest.record),
      paths: conflicts,
    })
  }
  return { latest, entries: [...merged.values()].sort((a, b) => comparePaths(a.path, b.path)) }
}
