import { createCutter, createSha256, type Digest } from '@trackway/protocol/content'

/** A chunk of a file: its offset in bytes from the file's start, and its digest. */
export interface Chunk {
  start: number
  end: number
  digest: Digest
}

/** Chunks of content that arrives in pieces, with their digests, in one pass and without a copy. */
export interface ChunkDigests {
  /** The chunks that are known to have ended. The last byte of the piece may be left for the next call. */
  next(piece: Uint8Array): Chunk[]
  /** The chunk that ends with the content, unless the content is empty. */
  end(): Chunk[]
}

export interface ChunkOptions {
  /** False: all content is one chunk, unless it is too long. */
  cut: boolean
  /** The maximum size of a chunk in bytes; longer ones are cut once more. */
  longest: number
}

export function createChunkDigests({ cut, longest }: ChunkOptions): ChunkDigests {
  const cutter = cut ? createCutter() : undefined
  let hash = createSha256()
  let start = 0
  let hashed = 0
  let received = 0
  let held: Uint8Array = new Uint8Array()

  function close(chunks: Chunk[]): void {
    if (hashed > start) chunks.push({ start, end: hashed, digest: hash.digest() })
    hash = createSha256()
    start = hashed
  }

  /** Continues hashing up to an offset, and closes each chunk that gets too long on the way. */
  function hashTo(index: number, piece: Uint8Array, chunks: Chunk[]): void {
    const from = received - piece.length
    while (hashed < index) {
      const to = Math.min(index, start + longest)
      if (hashed < from) hash.update(held.subarray(0, Math.min(to, from) - hashed))
      if (to > from) hash.update(piece.subarray(Math.max(hashed - from, 0), to - from))
      hashed = to
      if (hashed === start + longest && hashed < index) close(chunks)
    }
  }

  return {
    next(piece) {
      const chunks: Chunk[] = []
      received += piece.length
      for (const end of cutter?.next(piece) ?? []) {
        hashTo(end, piece, chunks)
        close(chunks)
      }
      hashTo(cutter?.settled ?? received, piece, chunks)
      held = piece.slice(piece.length - (received - hashed))
      return chunks
    },
    end() {
      const chunks: Chunk[] = []
      const rest = held
      held = new Uint8Array()
      hashTo(received, rest, chunks)
      close(chunks)
      return chunks
    },
  }
}
