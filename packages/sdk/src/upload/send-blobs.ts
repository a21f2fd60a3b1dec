import { putBlobs } from '../client/put.ts'
import type { Digest } from '@trackway/protocol'
import type { OutgoingBlob } from '../platform/request-body.ts'
import { leastPresignedBytes } from '../read/presigned-blobs.ts'
import type { BlobScope } from '../version/version.ts'

export interface SendContext {
  scope: BlobScope
  /** Names the upload, as the beginning of messages. */
  attempted: string
  signal?: AbortSignal | undefined
}

/** Sends blobs in one request. Returns how many bytes they have. */
export async function sendBlobs(context: SendContext, blobs: readonly OutgoingBlob[]): Promise<number> {
  const { scope, attempted, signal } = context
  if (blobs.length > 0) await putBlobs(scope.connection, { attempted, team: scope.team, blobs, signal })
  return bytesOf(blobs)
}

/** Runs the requests, as many at a time as the call allows. */
type Limit = <Result>(work: () => Promise<Result>) => Promise<Result>

/**
 * Sends those of the blobs that the server does not have: large ones directly to the object store if the
 * server provides presigned URLs, the others, and those that could not be put there, to the server. Only
 * before the manifest is stored. Returns the total size of the sent blobs in bytes.
 */
export async function sendMissingBlobs(
  context: SendContext,
  blobs: readonly OutgoingBlob[],
  limit: Limit,
): Promise<number> {
  const wanted = await findMissing(
    context,
    blobs.map((blob) => blob.digest),
  )
  return sendNewBlobs(
    context,
    blobs.filter((blob) => wanted.has(blob.digest)),
    limit,
  )
}

/** Sends blobs that the server is known not to have, in the same way. */
export async function sendNewBlobs(
  context: SendContext,
  blobs: readonly OutgoingBlob[],
  limit: Limit,
): Promise<number> {
  const left = await putLarge(context, blobs, limit)
  await sendBlobs(context, left)
  return bytesOf(blobs)
}

/**
 * Puts large blobs into the object store while the small ones are sent to the server. Returns those that are
 * still to be sent.
 */
async function putLarge(
  context: SendContext,
  blobs: readonly OutgoingBlob[],
  limit: Limit,
): Promise<readonly OutgoingBlob[]> {
  const { scope, attempted, signal } = context
  const large = blobs.filter((blob) => blob.size >= leastPresignedBytes)
  const urls = large.length === 0 ? undefined : await scope.connection.presignedUrls()
  if (!urls?.canPut()) return blobs
  // Both are awaited, whatever the outcome of either: memory that is still read must not be reused.
  const [put, sent] = await Promise.allSettled([
    urls.put({ attempted, team: scope.team, blobs: large, limit, signal }),
    sendBlobs(
      context,
      blobs.filter((blob) => blob.size < leastPresignedBytes),
    ),
  ])
  if (sent.status === 'rejected') throw sent.reason
  if (put.status === 'rejected') throw put.reason
  const left = new Set(put.value.map(({ digest }) => digest))
  return large.filter(({ digest }) => left.has(digest))
}

function bytesOf(blobs: readonly OutgoingBlob[]): number {
  return blobs.reduce((sum, blob) => sum + blob.size, 0)
}

/** Which of these blobs the server does not have. */
export async function findMissing(
  { scope, attempted, signal }: SendContext,
  digests: readonly Digest[],
): Promise<Set<Digest>> {
  const missing = new Set<Digest>()
  const { connection, team } = scope
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
