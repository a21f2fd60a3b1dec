import type { NewBlob } from './blob-queue.ts'
import type { BlobPlace } from './read-slices.ts'

export interface SendContext {
  place: BlobPlace
  /** Names the upload, as the beginning of messages. */
  attempted: string
  signal?: AbortSignal | undefined
}

/** Sends blobs in one request. Answers how many bytes they have. */
export async function sendBlobs(context: SendContext, blobs: NewBlob[]): Promise<number> {
  const { place, attempted, signal } = context
  if (blobs.length > 0) await place.connection.putBlobs({ attempted, team: place.team, blobs, signal })
  return blobs.reduce((sum, blob) => sum + blob.size, 0)
}

/** Sends those of the blobs that the server does not have. Answers how many bytes those have. */
export async function sendMissingBlobs(context: SendContext, blobs: NewBlob[]): Promise<number> {
  const { place, attempted, signal } = context
  const { missing } = await place.connection.call('findMissingBlobs', {
    attempted,
    parameters: { team: place.team },
    body: { digests: blobs.map((blob) => blob.digest) },
    signal,
  })
  const wanted = new Set(missing)
  return sendBlobs(
    context,
    blobs.filter((blob) => wanted.has(blob.digest)),
  )
}
