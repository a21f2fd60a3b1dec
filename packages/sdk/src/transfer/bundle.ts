import { createSha256 } from '@trackway/protocol'
import type { Slice } from '../content/placed-entry.ts'
import type { ContentSource } from '../content/content-source.ts'
import type { Ingredient } from './blob-recipes.ts'
import type { NewBlob } from './blob-queue.ts'

/** Small files that are laid end to end. Where they lie is known when the bundle is closed, and has its digest. */
export interface Bundle {
  readonly size: number
  /** Takes a file in. The list of slices gets its one slice at the closing. */
  add(bytes: Uint8Array, source: ContentSource, slices: Slice[]): void
  close(): { blob: NewBlob; ingredients: Ingredient[] }
}

export function createBundle(): Bundle {
  const hash = createSha256()
  const bytes: Uint8Array[] = []
  const ingredients: Ingredient[] = []
  const waiting: { slices: Slice[]; offset: number; length: number }[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(content, source, slices) {
      hash.update(content)
      bytes.push(content)
      ingredients.push({ source, start: 0, end: content.length })
      waiting.push({ slices, offset: size, length: content.length })
      size += content.length
    },
    close() {
      const blob = { digest: hash.digest(), size }
      for (const { slices, offset, length } of waiting) slices.push({ blob, offset, length })
      return { blob: { ...blob, bytes }, ingredients }
    },
  }
}
