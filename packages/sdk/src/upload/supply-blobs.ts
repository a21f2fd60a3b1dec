import type { Digest } from '@trackway/protocol'
import { isSameStore, type StoredVersion } from '../version/version.ts'
import { createBlobQueue } from './blob-queue.ts'
import type { Ingredient } from './blob-recipes.ts'
import { findMissing, sendBlobs } from './send-blobs.ts'
import type { Upload } from './upload.ts'

/** Sends what the server has lost of the base, which may have been found damaged. */
export async function healBase(upload: Upload): Promise<void> {
  const { scope, base } = upload
  if (base === undefined || !isSameStore(scope, base.scope)) return
  const used = new Set(base.entries.flatMap(({ slices }) => slices.map(({ blob }) => blob.digest)))
  await supplyBlobs(upload, [...(await findMissing(upload, [...used]))])
}

/**
 * Makes blobs that the server has lost again, and sends them. Throws `blobs_missing` if their files are not
 * at hand.
 */
export async function supplyBlobs(upload: Upload, digests: readonly Digest[]): Promise<void> {
  const { base, recipes, sizes, concurrency, sent } = upload
  if (base !== undefined && digests.some((digest) => !recipes.has(digest)))
    keepBaseRecipes(upload, base, digests)
  // The server has just said what it lacks, so it is not asked again. Its manifest is stored by then, so
  // these are sent through the server, which checks the sweep marker after storing them. They count as done
  // already.
  const queue = createBlobQueue({
    sizes,
    concurrency,
    async send(blobs) {
      sent.bytes += await sendBlobs(upload, blobs)
    },
  })
  try {
    // What can be made is sent even if another blob cannot: it repairs the versions that use it.
    for (const digest of digests) if (recipes.has(digest)) await queue.add(await recipes.make(digest))
    await queue.drain()
    for (const digest of digests) if (!recipes.has(digest)) await recipes.make(digest)
  } catch (error) {
    await queue.stop()
    throw error
  }
}

/**
 * Keeps recipes for blobs of a base that the server has lost, if all the files in them are at hand.
 */
function keepBaseRecipes(
  { recipes, located }: Upload,
  { entries }: StoredVersion,
  lost: readonly Digest[],
): void {
  const sources = new Map([...located].map(([{ source }, { digest }]) => [digest, source]))
  const found = new Map(lost.map((digest) => [digest, { size: 0, pieces: new Map<number, Ingredient>() }]))
  for (const { digest, slices } of entries) {
    const source = sources.get(digest)
    let start = 0
    for (const { blob, offset, length } of slices) {
      const wanted = found.get(blob.digest)
      if (wanted !== undefined && source !== undefined) {
        wanted.size = blob.size
        wanted.pieces.set(offset, { source, start, end: start + length })
      }
      start += length
    }
  }
  for (const [digest, { size, pieces }] of found) {
    const ordered = [...pieces].sort(([a], [b]) => a - b)
    if (makeWhole(ordered, size))
      recipes.keep(
        digest,
        ordered.map(([, ingredient]) => ingredient),
      )
  }
}

/** Whether pieces at these offsets cover this many bytes without a gap. */
function makeWhole(pieces: readonly [number, Ingredient][], size: number): boolean {
  let next = 0
  for (const [offset, { start, end }] of pieces) {
    if (offset !== next) return false
    next += end - start
  }
  return next > 0 && next === size
}
