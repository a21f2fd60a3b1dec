import { hintOfNames, TrackwayError } from '@trackway/protocol'
import { nearestPaths } from '../version/nearest-paths.ts'
import { labelOf } from '../version/stored-version.ts'
import type { StoredVersion } from '../version/version.ts'

/** Throws `not_found`, naming near paths, where a version has no entry of this path. Nothing is downloaded for it. */
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
