import { TrackwayError, type ManifestEntry, type Part } from '@trackway/protocol'

// Lines were validated when the manifest was stored, and its digest was checked.

export function isEntry(line: unknown): line is ManifestEntry {
  return typeof line === 'object' && line !== null && 'path' in line
}

export function isBlob(line: unknown): line is [hex: string, size: number] {
  return Array.isArray(line)
}

/** Items of an entry's list. */
export function asParts(items: unknown): readonly Part[] {
  if (Array.isArray(items) && items.every(isPart)) return items
  throw damagedManifest('a part of an entry is not a list')
}

function isPart(item: unknown): item is Part {
  return Array.isArray(item)
}

/** The error for a manifest that is not as it was stored. */
export function damagedManifest(problem: string, cause?: unknown): TrackwayError {
  return new TrackwayError('digest_mismatch', problem, { cause })
}
