import type { Digest } from '@trackway/protocol'
import type { Slice } from '../version/located-entry.ts'
import type { Ingredient } from './blob-recipes.ts'
import type { Upload } from './upload.ts'

/** Counts a file whose content is known from the base or from another file of the upload. */
export function countKnown({ baseBlobs, meter }: Upload, slices: readonly Slice[], size: number): void {
  // Slices of a bundle that is still open are not known yet.
  const isInBase = slices.length > 0 && slices.every(({ blob }) => baseBlobs.has(blob.digest))
  meter?.add({ bytes: size, reusedBytes: size, duplicateBytes: isInBase ? 0 : size })
}

/** Whether a blob has to be queued by the caller. One that is stored or being sent is counted. */
export function claimBlob(
  { knownBlobs, baseBlobs, recipes, meter }: Upload,
  { digest, size }: { digest: Digest; size: number },
  ingredients: readonly Ingredient[],
): boolean {
  if (knownBlobs.has(digest)) {
    meter?.add({ bytes: size, reusedBytes: size, duplicateBytes: baseBlobs.has(digest) ? 0 : size })
    return false
  }
  knownBlobs.add(digest)
  recipes.keep(digest, ingredients)
  return true
}
