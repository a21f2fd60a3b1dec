import { createSha256 } from '@trackway/protocol'
import type { OutgoingBlob } from '../platform/request-body.ts'
import type { Slice } from '../version/located-entry.ts'
import type { Ingredient } from './blob-recipes.ts'

/**
 * Small files that are concatenated. Their slices are known when the bundle is closed, and has its digest.
 */
export function createBundle() {
  const hash = createSha256()
  const bytes: Uint8Array[] = []
  const ingredients: Ingredient[] = []
  const located: Slice[][] = []
  const releases: (() => void)[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    /** Adds a file, and returns what its one slice is added to. `release` is called when it was sent. */
    add(content: Uint8Array, source: Ingredient['source'], release: () => void): readonly Slice[] {
      const slices: Slice[] = []
      hash.update(content)
      bytes.push(content)
      ingredients.push({ source, start: 0, end: content.length })
      located.push(slices)
      releases.push(release)
      size += content.length
      return slices
    },
    close(): { blob: OutgoingBlob; ingredients: readonly Ingredient[] } {
      const blob = { digest: hash.digest(), size }
      let offset = 0
      for (const [index, { length }] of bytes.entries()) {
        located[index]?.push({ blob, offset, length })
        offset += length
      }
      const release = () => {
        for (const each of releases) each()
      }
      return { blob: { ...blob, bytes, release }, ingredients }
    },
  }
}
