import { createSha256, cutStream, sha256, type Digest, type Sha256 } from '@trackway/protocol'
import { gatherBytes } from '../content/byte-pieces.ts'
import type { ContentSource, OpenContent } from '../content/content-source.ts'
import type { PlacedEntry, Slice } from '../content/placed-entry.ts'
import { throwIfAborted } from './abort.ts'
import type { BlobQueue, NewBlob } from './blob-queue.ts'
import type { BlobRecipes, Ingredient } from './blob-recipes.ts'
import type { BlobSizes } from './blob-sizes.ts'
import { createBundle } from './bundle.ts'
import type { ProgressCount } from './progress.ts'

/** A file that is to be laid into blobs. */
export interface Packable {
  path: string
  executable: boolean
  source: ContentSource
}

export interface PackContext {
  sizes: BlobSizes
  /** Where content lies that is stored or packed already, by the digest of the file. Grows. */
  knownFiles: Map<Digest, readonly Slice[]>
  /** Blobs that are stored or on their way. Grows. */
  knownBlobs: Set<Digest>
  queue: BlobQueue
  recipes: BlobRecipes
  progress: ProgressCount
  signal?: AbortSignal | undefined
}

/** Lays files into blobs, in the order in which they come, and queues the blobs that are new. */
export interface Packer {
  /** A file of at most `sizes.bundled` bytes. */
  addSmall(file: Packable, bytes: Uint8Array): Promise<PlacedEntry>
  /** A larger one, which is read once. */
  addLarge(file: Packable, content: OpenContent): Promise<PlacedEntry>
  /** Closes the last bundle: then every entry knows where it lies. */
  end(): Promise<void>
}

export function createPacker(context: PackContext): Packer {
  const { sizes, knownFiles, progress, signal } = context
  let bundle = createBundle()

  async function end(): Promise<void> {
    if (bundle.size === 0) return
    const { blob, ingredients } = bundle.close()
    bundle = createBundle()
    await store(context, blob, ingredients)
  }

  return {
    end,
    async addSmall({ path, executable, source }, bytes) {
      const digest = sha256(bytes)
      const placed = { path, size: bytes.length, digest, executable }
      const known = knownFiles.get(digest)
      if (known !== undefined || bytes.length === 0) {
        progress.add({ files: 1, bytes: bytes.length, reusedBytes: bytes.length })
        return { ...placed, slices: known ?? [] }
      }
      if (bundle.size + bytes.length > sizes.blob) await end()
      const slices: Slice[] = []
      bundle.add(bytes, source, slices)
      knownFiles.set(digest, slices)
      progress.add({ files: 1 })
      return { ...placed, slices }
    },
    async addLarge({ path, executable, source }, content) {
      const hash = createSha256()
      const slices: Slice[] = []
      let position = 0
      for await (const bytes of cutContent(content, hash, sizes)) {
        throwIfAborted(signal)
        const blob = { digest: sha256(bytes), size: bytes.length }
        await store(context, { ...blob, bytes: [bytes] }, [
          { source, start: position, end: position + blob.size },
        ])
        slices.push({ blob, offset: 0, length: blob.size })
        position += blob.size
      }
      await content.checkUnchanged()
      const digest = hash.digest()
      // A version keeps the slices of what it did not change, however that was cut.
      const known = knownFiles.get(digest) ?? slices
      knownFiles.set(digest, known)
      progress.add({ files: 1 })
      return { path, size: content.size, digest, executable, slices: known }
    },
  }
}

/** A file as one blob if it fits, else in chunks, which a low limit may cut once more. */
async function* cutContent(content: OpenContent, hash: Sha256, sizes: BlobSizes): AsyncGenerator<Uint8Array> {
  const bytes = hashing(content.read(0, content.size), hash)
  const chunks = content.size <= sizes.blob ? [await gatherBytes(bytes)] : cutStream(bytes)
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += sizes.blob)
      yield chunk.subarray(start, start + sizes.blob)
  }
}

async function* hashing(pieces: AsyncIterable<Uint8Array>, hash: Sha256): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
}

async function store(context: PackContext, blob: NewBlob, ingredients: readonly Ingredient[]): Promise<void> {
  const { knownBlobs, recipes, queue, progress } = context
  if (knownBlobs.has(blob.digest)) {
    progress.add({ bytes: blob.size, reusedBytes: blob.size })
    return
  }
  knownBlobs.add(blob.digest)
  recipes.keep(blob.digest, ingredients)
  await queue.add(blob)
}
