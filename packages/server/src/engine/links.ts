import {
  digestHex,
  knownOffers,
  TrackwayError,
  type BlobLink,
  type Digest,
  type Limits,
} from '@trackway/protocol'
import { layout } from '../layout.ts'
import type { SignedRequest, Signing } from '../stores/object-store.ts'

/** How long a link is good for. Taking a key away does not end the links that were made with it. */
const linkLifeMs = 15 * 60 * 1000

/** A blob that somebody wants to put. */
interface BlobToPut {
  digest: Digest
  /** Bytes. */
  size: number
}

/**
 * Links to blobs of a team, under which clients fetch them from the store, or put them there, themselves. A link is of
 * one blob, and its key has the team in it, so none leads to what belongs to another team.
 *
 * A blob that was put by a link was not followed by a look at the sweep marker, as those are that the server stores.
 * That is right only before the blob's manifest is stored: behind its reservation, storing the manifest reads the
 * marker and looks for every blob. Whoever sends a blob later sends it to the server.
 */
export interface Links {
  /** What the server tells its clients of this. */
  readonly offers: readonly string[]
  /** Links to fetch blobs, whether they are stored or not; none where the store cannot sign. */
  download(team: string, digests: readonly Digest[]): Promise<BlobLink[]>
  /** Links to put blobs; none where the store cannot sign, or does not hold who has one to it. Throws `too_large`. */
  upload(team: string, blobs: readonly BlobToPut[]): Promise<BlobLink[]>
}

export function createLinks(signing: Signing | undefined, limits: Limits): Links {
  const { downloadLinks, uploadLinks } = knownOffers
  const put = signing?.put?.bind(signing)
  return {
    offers: [...(signing ? [downloadLinks] : []), ...(put ? [uploadLinks] : [])],
    async download(team, digests) {
      if (signing === undefined) return []
      return Promise.all(
        digests.map(async (digest) =>
          linkOf(digest, await signing.get(layout.blob(team, digest), { lifeMs: linkLifeMs })),
        ),
      )
    },
    async upload(team, blobs) {
      for (const { digest, size } of blobs) if (size > limits.blobBytes) throw tooLarge(digest, size, limits)
      if (put === undefined) return []
      return Promise.all(
        blobs.map(async ({ digest, size }) => {
          const options = { sha256: digestHex(digest), size, lifeMs: linkLifeMs }
          return linkOf(digest, await put(layout.blob(team, digest), options))
        }),
      )
    },
  }
}

function linkOf(digest: Digest, { url, headers, expiresAtMs }: SignedRequest): BlobLink {
  return { digest, url, headers, expiresAt: new Date(expiresAtMs).toISOString() }
}

function tooLarge(digest: Digest, size: number, { blobBytes }: Limits): TrackwayError {
  return new TrackwayError(
    'too_large',
    `The blob ${digest} has ${size} bytes, more than the ${blobBytes} that this server takes; cut it`,
    { details: { limit: 'blobBytes', maximum: blobBytes } },
  )
}
