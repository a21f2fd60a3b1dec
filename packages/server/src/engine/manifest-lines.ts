import { sha256, TrackwayError, type Digest, type ManifestEntry, type Part } from '@trackway/protocol'
import type { ByteRange } from '../stores/object-store.ts'
import { takeTurn } from './pauses.ts'

/** Reads a range of a stored manifest. */
export type ReadRange = (range: ByteRange) => Promise<Uint8Array>

/** A range of a stored manifest, which must have this digest. */
export async function readUnchanged(
  read: ReadRange,
  range: ByteRange,
  digest: Digest | undefined,
): Promise<Uint8Array> {
  const bytes = await read(range)
  if (sha256(bytes) !== digest) throw damagedManifest(`its bytes ${range.start} to ${range.end} changed`)
  await takeTurn(bytes.length)
  return bytes
}

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
