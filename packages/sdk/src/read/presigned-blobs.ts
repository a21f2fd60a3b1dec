import type { Digest } from '@trackway/protocol'
import type { Connection, PresignedBlobs } from '../client/connection.ts'

/**
 * Bytes from which on a presigned URL is worth a request of its own. What is smaller travels together, or by the server.
 */
export const leastPresignedBytes = 256 * 1024

/** A range of a blob that will be wanted. */
interface Wanted {
  blob: { digest: Digest }
  /** Bytes. */
  length: number
}

/** The way past the server to blobs that will be wanted about in this order; undefined where there is none. */
export async function openPresignedUrls(
  { connection, team }: { connection: Connection; team: string },
  wanted: readonly Wanted[],
  { path, signal }: { path: string; signal?: AbortSignal | undefined },
): Promise<PresignedBlobs | undefined> {
  const digests = wanted.filter(({ length }) => length >= leastPresignedBytes).map(({ blob }) => blob.digest)
  if (digests.length === 0) return undefined
  return (await connection.presignedUrls())?.open({ attempted: `Reading ${path}`, team, digests, signal })
}
