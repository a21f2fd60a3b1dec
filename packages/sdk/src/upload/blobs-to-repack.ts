import type { Digest } from '@trackway/protocol'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { BlobSizes } from '../read/blob-sizes.ts'
import { planFetches } from '../read/plan-fetches.ts'

/** The cost of a request besides its bytes, as a number of bytes. */
const requestBytes = 512 * 1024
/** Nothing is repacked until reading costs this many times what it would cost if everything were repacked. */
const tolerated = 1.25
/** Then the worst bundles are repacked, until reading costs this many times that. */
const aim = 1.05
/**
 * At most this many bytes are repacked for one version, so that a small change stays small; the next version
 * continues.
 */
const atOnceBytes = 32 * 1024 * 1024
/** A bundle of which less than this share is used is worth repacking for that alone. */
const sparseShare = 0.25
/** Saving less than this is not worth a request. */
const worthwhileBytes = 1024 * 1024

/**
 * Bundles whose small files should be repacked. Each version adds a bundle for what it changed, and takes
 * files out of older ones: without repacking, reading a version would take ever more requests, for bundles of
 * which it uses ever less. Bundles that are not stored yet, those of the current version, are left to the
 * next one.
 */
export function findBlobsToRepack(
  entries: readonly LocatedEntry[],
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

/** Whether an entry is in a bundle. */
export function isBundled({ slices, size }: LocatedEntry, sizes: BlobSizes): boolean {
  return slices.length === 1 && size <= sizes.bundled
}

/** The cost of reading this many bytes from full bundles. */
function freshCost(bytes: number, sizes: BlobSizes): number {
  return bytes * (1 + requestBytes / sizes.blob)
}

interface BlobCost {
  size: number
  /** Bytes, and requests as bytes. */
  cost: number
  /** The bytes of it that are needed. */
  used: number
}

function costs(entries: readonly LocatedEntry[]): Map<Digest, BlobCost> {
  const blobs = new Map<Digest, BlobCost>()
  for (const { blob, start, end, pieces } of planFetches(entries)) {
    const found = blobs.get(blob.digest) ?? { size: blob.size, cost: 0, used: 0 }
    found.cost += requestBytes + end - start
    for (const { length } of pieces) found.used += length
    blobs.set(blob.digest, found)
  }
  for (const blob of blobs.values()) {
    // Reading it costs little, but most of its bytes are stored for nothing.
    if (blob.used < blob.size * sparseShare) blob.cost += blob.size
  }
  return blobs
}
