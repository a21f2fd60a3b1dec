import { createSha256, TrackwayError, type Digest } from '@trackway/protocol'
import { readContent, type ContentSource } from '../content/content-source.ts'
import type { OutgoingBlob } from '../platform/request-body.ts'

/** A range of some content. */
export interface Ingredient {
  source: ContentSource
  start: number
  end: number
}

/** How the blobs of an upload are made, so that one that the server lost can be made again. */
export interface BlobRecipes {
  keep(digest: Digest, ingredients: readonly Ingredient[]): void
  has(digest: Digest): boolean
  /** Throws `file_changed` if its files have changed, `blobs_missing` if it was never made here. */
  make(digest: Digest): Promise<OutgoingBlob>
}

export function createBlobRecipes(): BlobRecipes {
  const recipes = new Map<Digest, readonly Ingredient[]>()
  return {
    has: (digest) => recipes.has(digest),
    keep: (digest, ingredients) => void recipes.set(digest, ingredients),
    async make(digest) {
      const ingredients = recipes.get(digest)
      if (ingredients === undefined) throw unknownBlob(digest)
      const bytes: Uint8Array[] = []
      for (const { source, start, end } of ingredients) {
        for await (const piece of readContent(source, { start, end })) bytes.push(piece)
      }
      const size = bytes.reduce((sum, piece) => sum + piece.length, 0)
      if (digestOf(bytes) !== digest) throw changed(ingredients)
      return { digest, size, bytes }
    },
  }
}

function unknownBlob(digest: Digest): TrackwayError {
  return new TrackwayError(
    'blobs_missing',
    `The server has lost the blob ${digest} of the version that this one is based on; add the files again to a new Artifact and upload that`,
    {
      details: { digests: [digest] },
    },
  )
}

function digestOf(bytes: readonly Uint8Array[]): Digest {
  const hash = createSha256()
  for (const piece of bytes) hash.update(piece)
  return hash.digest()
}

function changed(ingredients: readonly Ingredient[]): TrackwayError {
  const labels = [...new Set(ingredients.map(({ source }) => source.label))]
  const shown = labels.slice(0, 3).join(', ')
  return new TrackwayError(
    'file_changed',
    `Reading ${shown}${labels.length > 3 ? ' and more' : ''} again for the upload: the content has changed; upload it once more`,
    {
      details: { paths: labels.slice(0, 100) },
    },
  )
}
