import type { Digest, ManifestBlob } from '@trackway/protocol'
import type { ContentSource } from '../content/content-source.ts'
import type { HashCache, Remembered } from '../folder/hash-cache.ts'
import type { Slice } from '../version/located-entry.ts'
import type { Crew } from '../platform/tasks.ts'
import type { BlobQueue, NewBlob } from './blob-queue.ts'
import type { BlobRecipes, Ingredient } from './blob-recipes.ts'
import type { BlobSizes } from '../read/blob-sizes.ts'
import type { MemoryBudget } from '../concurrency/memory-budget.ts'
import type { ProgressCount } from '../calls/count-progress.ts'

/** A file that is to be laid into blobs. */
export interface Packable {
  path: string
  executable: boolean
  source: ContentSource
  /** Identifies the state in which the file was added, if there is a way to. */
  identity?: string | undefined
  /** The folder that was added, whose files are remembered together. */
  folder?: string | undefined
}

/** A file of an upload: its index in the list of entries, and its size in bytes when it was added. */
export interface UploadFile {
  index: number
  file: Packable
  size: number
}

/** A large file whose blobs are known, but maybe not stored. */
export interface RememberedFile extends UploadFile {
  content: Remembered & { blobs: readonly ManifestBlob[] }
}

/** What the packing of files shares. */
export interface PackContext {
  sizes: BlobSizes
  crew: Crew
  /** Whether memory that was sent can be reused once the request is answered. */
  reusesMemory: boolean
  budget: MemoryBudget
  hashCache: HashCache
  /** The location of content that is stored or packed already, by the digest of the file. Grows. */
  knownFiles: Map<Digest, readonly Slice[]>
  /** Blobs that are stored or being sent. Grows. */
  knownBlobs: Set<Digest>
  /** Blobs that the base has. Any other known blob occurs more than once in the upload. */
  baseBlobs: ReadonlySet<Digest>
  queue: BlobQueue
  recipes: BlobRecipes
  /** Which of these blobs the server does not have. */
  findMissing(digests: readonly Digest[]): Promise<Set<Digest>>
  progress: ProgressCount
  signal: AbortSignal
}

/** Counts a file whose content is known from the base or from another file of the upload. */
export function countKnown(
  { baseBlobs, progress }: PackContext,
  { slices, size }: { slices: readonly Slice[]; size: number },
): void {
  // Slices of a bundle that is still open are not known yet.
  const isInBase = slices.length > 0 && slices.every(({ blob }) => baseBlobs.has(blob.digest))
  progress.add({ bytes: size, reusedBytes: size, duplicateBytes: isInBase ? 0 : size })
}

/** A blob whose bytes are at hand. */
export interface BlobAtHand {
  digest: Digest
  /** Bytes. */
  size: number
  /** The bytes, which the sender keeps until it releases them. */
  take(): Pick<NewBlob, 'bytes' | 'release'>
}

/** Queues a blob, unless it is stored or being sent: then it returns false. */
export async function storeBlob(
  { knownBlobs, baseBlobs, recipes, queue, progress }: PackContext,
  { digest, size, take }: BlobAtHand,
  ingredients: readonly Ingredient[],
): Promise<boolean> {
  if (knownBlobs.has(digest)) {
    progress.add({ bytes: size, reusedBytes: size, duplicateBytes: baseBlobs.has(digest) ? 0 : size })
    return false
  }
  knownBlobs.add(digest)
  recipes.keep(digest, ingredients)
  await queue.add({ digest, size, ...take() })
  return true
}
