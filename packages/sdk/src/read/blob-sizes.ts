import type { Limits } from '@trackway/protocol'

/** How content is laid into blobs and requests. All are bytes but `digests`. */
export interface BlobSizes {
  /** Files of at most this go into bundles. */
  bundled: number
  /** What a bundle, a file that is one blob, or a chunk may have. */
  blob: number
  /** What the blobs of one request have together, with what the request needs besides. */
  request: number
  /** Digests in one question. */
  digests: number
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** What a part of a request needs besides its blob: a boundary and headers, with room to spare. */
export const partOverhead = kibibyte

/** Bytes of the largest blob that a server takes. */
export function mostBlobBytes({ blobBytes, requestBytes }: Limits): number {
  return Math.max(1, Math.min(blobBytes, requestBytes - 2 * partOverhead))
}

/** The sizes of the format, or less where the server takes less. */
export function blobSizesFor(limits: Limits): BlobSizes {
  const blob = Math.min(4 * mebibyte, mostBlobBytes(limits))
  return {
    bundled: Math.min(256 * kibibyte, blob),
    blob,
    request: Math.min(8 * mebibyte, limits.requestBytes - partOverhead),
    digests: limits.digests,
  }
}
