import * as z from 'zod/mini'
import { positive } from './fields.ts'

/** The limits of a server. Clients obey those of the server that they use; operators may lower them. */
export const limitsSchema = z.object({
  /** Bytes of one request's body, except manifests. */
  requestBytes: positive,
  /** Bytes of one blob. */
  blobBytes: positive,
  /** Digests in one request for missing blobs. */
  digests: positive,
  /** Entries of one version. */
  entries: positive,
  /** Bytes of one manifest. */
  manifestBytes: positive,
})
export type Limits = z.infer<typeof limitsSchema>

const mebibyte = 1024 * 1024

/** The limits of the format, and the defaults of a server. */
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

/** Bytes of one JSON document or JSON body: records, aliases, runs. */
export const maxDocumentBytes = 256 * 1024
/** Bytes of a version's metadata or a run's config, as JSON. */
export const maxMetadataBytes = 64 * 1024
/** Nesting depth of metadata and config. */
export const maxMetadataDepth = 8
