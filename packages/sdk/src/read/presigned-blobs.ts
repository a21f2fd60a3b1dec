import type { Digest } from '@trackway/protocol'
import type { Connection } from '../client/connection.ts'
import type { PresignedBlobs } from '../client/presigned-urls.ts'

/**
 * From this many bytes on, a presigned URL is worth a request of its own. Smaller blobs are combined, or
 * fetched from the server.
 */
export const leastPresignedBytes = 256 * 1024

/** A range of a blob that will be needed. */
interface Wanted {
  blob: { digest: Digest }
  /** Bytes. */
  length: number
}

/** Direct access to blobs that will be needed roughly in this order; undefined if there is none. */
export async function openPresignedUrls(
  { connection, team }: { connection: Connection; team: string },
  wanted: readonly Wanted[],
  { path, signal }: { path: string; signal?: AbortSignal | undefined },
): Promise<PresignedBlobs | undefined> {
  const digests = wanted.filter(({ length }) => length >= leastPresignedBytes).map(({ blob }) => blob.digest)
  if (digests.length === 0) return undefined
  return (await connection.presignedUrls())?.open({ attempted: `Reading ${path}`, team, digests, signal })
}
