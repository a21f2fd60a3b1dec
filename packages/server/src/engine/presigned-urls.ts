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

/**
 * How long a presigned URL is valid. Revoking a key does not invalidate the presigned URLs that were made
 * with it.
 */
const urlLifeMs = 15 * 60 * 1000

/** A blob that a client wants to put. */
interface BlobToPut {
  digest: Digest
  /** Bytes. */
  size: number
}

/**
 * Presigned URLs to blobs of a team, with which clients fetch them from the store, or put them there,
 * directly. A presigned URL is for one blob, and its key includes the team, so none leads to another team's
 * data.
 *
 * A blob that was put with a presigned URL was not followed by a check of the sweep marker, unlike those that
 * the server stores. That is right only before the blob's manifest is stored: after its reservation, storing
 * the manifest reads the marker and looks up every blob. Later blobs must be sent to the server.
 */
export interface PresignedUrls {
  /** The presigned URLs that the server offers its clients. */
  readonly offers: readonly string[]
  /** Presigned URLs to fetch blobs, whether they are stored or not; none if the store cannot sign. */
  download(team: string, digests: readonly Digest[]): Promise<PresignedUrl[]>
  /**
   * Presigned URLs to put blobs; none if the store cannot sign, or does not enforce its signatures. Throws
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
    `The blob ${digest} has ${size} bytes, more than the ${blobBytes} that this server allows; cut it`,
    { details: { limit: 'blobBytes', maximum: blobBytes } },
  )
}
