import { sha256, TrackwayError } from '@trackway/protocol/content'
import { createChunkDigests, type ChunkDigests } from '../content/chunk-digests.ts'
import type { Tasks } from './tasks.ts'

const underWay = new Map<number, ChunkDigests>()

/** The tasks that need no files: every runtime has them. */
export const chunkTasks: Pick<Tasks, 'beginChunks' | 'cutPiece' | 'endChunks' | 'hashBytes'> = {
  beginChunks({ id, options }) {
    underWay.set(id, createChunkDigests(options))
  },
  cutPiece: ({ id, bytes }) => ({ bytes, chunks: find(id).next(bytes) }),
  endChunks({ id }) {
    const chunks = underWay.has(id) ? find(id).end() : []
    underWay.delete(id)
    return chunks
  },
  hashBytes: ({ bytes }) => ({ bytes, digest: sha256(bytes) }),
}

function find(id: number): ChunkDigests {
  const digests = underWay.get(id)
  if (digests === undefined) throw new TrackwayError('internal_error', 'Cutting content that was not begun')
  return digests
}
