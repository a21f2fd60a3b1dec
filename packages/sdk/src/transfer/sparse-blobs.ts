import type { Digest } from '@trackway/protocol'
import type { PlacedEntry } from '../content/placed-entry.ts'
import { coveredBytes } from './plan-fetches.ts'

const usedShare = 0.25
/** Less than this is not worth a request. */
const wastedBytes = 256 * 1024

/**
 * Blobs of which these entries use so little that what they use had better be stored anew: otherwise a version would
 * keep a bundle of thousands of old files for the sake of one.
 */
export function findSparseBlobs(entries: readonly PlacedEntry[]): Set<Digest> {
  const uses = new Map<Digest, { size: number; slices: { offset: number; length: number }[] }>()
  for (const { slices } of entries) {
    for (const { blob, offset, length } of slices) {
      const use = uses.get(blob.digest) ?? { size: blob.size, slices: [] }
      use.slices.push({ offset, length })
      uses.set(blob.digest, use)
    }
  }
  const sparse = new Set<Digest>()
  for (const [digest, { size, slices }] of uses) {
    const used = coveredBytes(slices.sort((a, b) => a.offset - b.offset))
    if (used < size * usedShare && size - used >= wastedBytes) sparse.add(digest)
  }
  return sparse
}
