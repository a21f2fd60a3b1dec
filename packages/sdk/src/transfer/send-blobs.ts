import type { Digest } from '@trackway/protocol'
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
  const wanted = await findMissing(
    context,
    blobs.map((blob) => blob.digest),
  )
  return sendBlobs(
    context,
    blobs.filter((blob) => wanted.has(blob.digest)),
  )
}

/** Which of these blobs the server does not have. */
export async function findMissing(
  { place, attempted, signal }: SendContext,
  digests: readonly Digest[],
): Promise<Set<Digest>> {
  const missing = new Set<Digest>()
  const { connection, team } = place
  for (let start = 0; start < digests.length; start += connection.limits.digests) {
    const answer = await connection.call('findMissingBlobs', {
      attempted,
      parameters: { team },
      body: { digests: digests.slice(start, start + connection.limits.digests) },
      signal,
    })
    for (const digest of answer.missing) missing.add(digest)
  }
  return missing
}
