import { hintOfNames, nearestPaths, TrackwayError } from '@trackway/protocol'
import { labelOf } from '../../version/stored-version.ts'
import type { StoredVersion } from '../../version/version.ts'

/** Throws `not_found`, naming similar paths, if a version has no entry with this path. Downloads nothing. */
export function checkEntry({ record, entries }: StoredVersion, path: string): void {
  if (entries.some((entry) => entry.path === path)) return
  const near = nearestPaths(
    path,
    entries.map((entry) => entry.path),
  )
  throw new TrackwayError('not_found', `Fetching ${path}: ${labelOf(record)} has no such entry`, {
    details: { path, near },
    hint: hintOfNames(near),
  })
}
