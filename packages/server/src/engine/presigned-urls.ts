import {
  digestHex,
  knownOffers,
  TrackwayError,
  type PresignedUrl,
  type Digest,
  type Limits,
} from '@trackway/protocol'
import { layout } from '../layout.ts'
import type { SignedRequest, Signing } from '../stores/object-store.ts'

/** How long a presigned URL is good for. Taking a key away does not end the presigned URLs that were made with it. */
const urlLifeMs = 15 * 60 * 1000

/** A blob that somebody wants to put. */
interface BlobToPut {
  digest: Digest
  /** Bytes. */
  size: number
}

/**
 * Presigned URLs to blobs of a team, under which clients fetch them from the store, or put them there, themselves. A
 * presigned URL is of one blob, and its key has the team in it, so none leads to what belongs to another team.
 *
 * A blob that was put by a presigned URL was not followed by a look at the sweep marker, as those are that the server
 * stores. That is right only before the blob's manifest is stored: behind its reservation, storing the manifest reads
 * the marker and looks for every blob. Whoever sends a blob later sends it to the server.
 */
export interface PresignedUrls {
  /** What the server tells its clients of this. */
  readonly offers: readonly string[]
  /** Presigned URLs to fetch blobs, whether they are stored or not; none where the store cannot sign. */
  download(team: string, digests: readonly Digest[]): Promise<PresignedUrl[]>
  /**
   * Presigned URLs to put blobs; none where the store cannot sign, or does not hold who has one to it. Throws
   * `too_large`.
   */
  upload(team: string, blobs: readonly BlobToPut[]): Promise<PresignedUrl[]>
}

export function createPresignedUrls(signing: Signing | undefined, limits: Limits): PresignedUrls {
  const { presignedDownloads, presignedUploads } = knownOffers
  const put = signing?.put?.bind(signing)
  return {
    offers: [...(signing ? [presignedDownloads] : []), ...(put ? [presignedUploads] : [])],
    async download(team, digests) {
      if (signing === undefined) return []
      return Promise.all(
        digests.map(async (digest) =>
          urlOf(digest, await signing.get(layout.blob(team, digest), { lifeMs: urlLifeMs })),
        ),
      )
    },
    async upload(team, blobs) {
      for (const { digest, size } of blobs) if (size > limits.blobBytes) throw tooLarge(digest, size, limits)
      if (put === undefined) return []
      return Promise.all(
        blobs.map(async ({ digest, size }) => {
          const options = { sha256: digestHex(digest), size, lifeMs: urlLifeMs }
          return urlOf(digest, await put(layout.blob(team, digest), options))
        }),
      )
    },
  }
}

function urlOf(digest: Digest, { url, headers, expiresAtMs }: SignedRequest): PresignedUrl {
  return { digest, url, headers, expiresAt: new Date(expiresAtMs).toISOString() }
}

function tooLarge(digest: Digest, size: number, { blobBytes }: Limits): TrackwayError {
  return new TrackwayError(
    'too_large',
    `The blob ${digest} has ${size} bytes, more than the ${blobBytes} that this server takes; cut it`,
    { details: { limit: 'blobBytes', maximum: blobBytes } },
  )
}
