import * as z from 'zod/mini'

/** What a server takes at the most. Clients obey what the server at hand says; operators may lower it. */
export const limitsSchema = z.object({
  /** Bytes of one request's body, manifests aside. */
  requestBytes: z.int().check(z.positive()),
  /** Bytes of one blob. */
  blobBytes: z.int().check(z.positive()),
  /** Digests in one question for missing blobs. */
  digests: z.int().check(z.positive()),
  /** Entries of one version. */
  entries: z.int().check(z.positive()),
  /** Bytes of one manifest. */
  manifestBytes: z.int().check(z.positive()),
})
export type Limits = z.infer<typeof limitsSchema>

const mebibyte = 1024 * 1024

/** What the format allows, and what a server takes unless told less. */
export const defaultLimits: Limits = {
  requestBytes: 20 * mebibyte,
  blobBytes: 16 * mebibyte,
  digests: 10_000,
  entries: 1_000_000,
  manifestBytes: 256 * mebibyte,
}

/** Bytes of one line of a manifest: enough for a file of two million parts. */
export const maxManifestLineBytes = 64 * mebibyte
/** Parts of all entries of a manifest. */
export const maxManifestParts = 4_000_000

/** Signed URLs in one question. */
export const maxSignedUrls = 1_000

/** Seconds that a signed URL may be valid: a week. */
export const maxSignedUrlSeconds = 604_800

/** Aliases that a version is answered with. */
export const maxAliases = 10_000

/** Presigned URLs in one question. */
export const maxPresignedUrls = 1_000

/** Bytes of one JSON document or JSON body: records, aliases, runs. */
export const maxDocumentBytes = 256 * 1024
/** Bytes of a version's metadata or a run's config, as JSON. */
export const maxMetadataBytes = 64 * 1024
/** How deep metadata and config may be nested. */
export const maxMetadataDepth = 8

/** Characters of the error that a run failed with. */
export const maxRunErrorLength = 4096
