import type { Digest } from '@trackway/protocol'
import type { PlacedEntry } from '../version/placed-entry.ts'
import type { BlobSizes } from '../read/blob-sizes.ts'
import { planFetches } from '../read/plan-fetches.ts'

/** What a request costs besides its bytes, as so many bytes. */
const requestBytes = 512 * 1024
/** Reading may cost so many times what it costs when all is laid anew, before anything is. */
const tolerated = 1.25
/** Then the worst bundles are laid anew, until it costs so many times that. */
const aim = 1.05
/** At most so many bytes for one version, so that a small change stays one; the next version goes on. */
const atOnceBytes = 32 * 1024 * 1024
/** A bundle of which less than this is used is worth laying anew for that alone. */
const sparseShare = 0.25
/** What is saved by less than this is not worth a request. */
const worthwhileBytes = 1024 * 1024

/**
 * Bundles whose small files had better be laid anew. Each version adds a bundle for what it changed, and takes files out
 * of older ones: left alone, reading a version would take ever more requests, for bundles of which it uses ever less.
 * Bundles that are not stored yet, those of the version at hand, are left to the next one.
 */
export function findBlobsToRepack(
  entries: readonly PlacedEntry[],
  { sizes, isStored }: { sizes: BlobSizes; isStored(digest: Digest): boolean },
): Set<Digest> {
  const small = entries.filter((entry) => isBundled(entry, sizes))
  const blobs = costs(small)
  const used = small.reduce((sum, { size }) => sum + size, 0)
  const fresh = freshCost(used, sizes)
  let cost = [...blobs.values()].reduce((sum, blob) => sum + blob.cost, 0)
  const found = new Set<Digest>()
  if (cost <= fresh * tolerated || cost - fresh < worthwhileBytes) return found
  const stored = [...blobs].filter(([digest]) => isStored(digest))
  const worstFirst = stored.sort(([, a], [, b]) => b.cost / b.used - a.cost / a.used)
  let bytes = 0
  for (const [digest, blob] of worstFirst) {
    bytes += blob.used
    if (cost <= fresh * aim || bytes > atOnceBytes) break
    found.add(digest)
    cost += freshCost(blob.used, sizes) - blob.cost
  }
  return found
}

/** Whether an entry lies in a bundle. */
export function isBundled({ slices, size }: PlacedEntry, sizes: BlobSizes): boolean {
  return slices.length === 1 && size <= sizes.bundled
}

/** What reading so many bytes costs that lie in full bundles. */
function freshCost(bytes: number, sizes: BlobSizes): number {
  return bytes * (1 + requestBytes / sizes.blob)
}

interface BlobCost {
  size: number
  /** Bytes, and requests as bytes. */
  cost: number
  /** Bytes that are wanted of it. */
  used: number
}

function costs(entries: readonly PlacedEntry[]): Map<Digest, BlobCost> {
  const blobs = new Map<Digest, BlobCost>()
  for (const { blob, start, end, pieces } of planFetches(entries)) {
    const found = blobs.get(blob.digest) ?? { size: blob.size, cost: 0, used: 0 }
    found.cost += requestBytes + end - start
    for (const { length } of pieces) found.used += length
    blobs.set(blob.digest, found)
  }
  for (const blob of blobs.values()) {
    // It costs nobody anything to read, but it is stored for the sake of little.
    if (blob.used < blob.size * sparseShare) blob.cost += blob.size
  }
  return blobs
}
