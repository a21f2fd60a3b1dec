import { createSha256 } from '@trackway/protocol'
import type { ContentSource } from '../content/content-source.ts'
import type { Slice } from '../version/located-entry.ts'
import type { Ingredient } from './blob-recipes.ts'
import type { NewBlob } from './blob-queue.ts'

/** A small file that goes into a bundle. */
export interface BundledFile {
  bytes: Uint8Array
  source: ContentSource
  /** Receives the one slice of the file when the bundle is closed. */
  slices: Slice[]
  /** Called when the bytes are not needed any more. */
  release(): void
}

/**
 * Small files that are concatenated. Their slices are known when the bundle is closed, and has its digest.
 */
export interface Bundle {
  readonly size: number
  add(file: BundledFile): void
  close(): { blob: NewBlob; ingredients: Ingredient[] }
}

export function createBundle(): Bundle {
  const hash = createSha256()
  const files: BundledFile[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(file) {
      hash.update(file.bytes)
      files.push(file)
      size += file.bytes.length
    },
    close() {
      const blob = { digest: hash.digest(), size }
      let offset = 0
      for (const { slices, bytes } of files) {
        slices.push({ blob, offset, length: bytes.length })
        offset += bytes.length
      }
      const release = () => {
        for (const file of files) file.release()
      }
      return {
        blob: { ...blob, bytes: files.map(({ bytes }) => bytes), release },
        ingredients: files.map(({ source, bytes }) => ({ source, start: 0, end: bytes.length })),
      }
    },
  }
}
