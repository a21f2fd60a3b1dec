import type { Limits } from '@trackway/protocol'

/** Limits for blobs and requests. All are bytes except `digests`. */
export interface BlobSizes {
  /** Files up to this size go into bundles. */
  bundled: number
  /** The maximum size of a bundle, of a file that is one blob, or of a chunk. */
  blob: number
  /** The maximum size of the blobs of one request together, including what the request needs besides. */
  request: number
  /** Digests in one query. */
  digests: number
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** What a part of a request needs besides its blob: a boundary and headers, with room to spare. */
export const partOverhead = kibibyte

/** The size in bytes of the largest blob that a server accepts. */
export function mostBlobBytes({ blobBytes, requestBytes }: Limits): number {
  return Math.max(1, Math.min(blobBytes, requestBytes - 2 * partOverhead))
}

/** The sizes of the format, or less if the server accepts less. */
export function blobSizesFor(limits: Limits): BlobSizes {
  const blob = Math.min(4 * mebibyte, mostBlobBytes(limits))
  return {
    bundled: Math.min(256 * kibibyte, blob),
    blob,
    request: Math.min(8 * mebibyte, limits.requestBytes - partOverhead),
    digests: limits.digests,
  }
}
