import * as z from 'zod'
import { digestSchema, type Digest } from '../digest.ts'

/** How files are cut in manifests that this version writes: FastCDC-2020, 1 MiB on average, normalisation 2, seed 0. */
export const chunkerName = 'fastcdc2020-1m-nc2-s0'

const count = z.int().nonnegative()

/** The first line of a manifest. */
export const manifestHeaderSchema = z.object({
  formatVersion: z.literal(1),
  /** How the writer cut its files. Readers need not know it: they go by the parts. */
  chunker: z.string().max(100),
  /** Entries. */
  files: count,
  /** Bytes of all entries together. */
  bytes: count,
})
export type ManifestHeader = z.infer<typeof manifestHeaderSchema>

/** A line for a blob: 64 hex digits and its size in bytes. */
export const manifestBlobLineSchema = z.tuple([z.string().regex(/^[0-9a-f]{64}$/), z.int().positive()])

/** A slice of a blob: the blob's index in the manifest, the first byte, and how many. */
export const partSchema = z.tuple([count, count, z.int().positive()])
export type Part = z.infer<typeof partSchema>

/** A line for an entry. Its path is checked beside it, where the order is. */
export const manifestEntrySchema = z.object({
  path: z.string(),
  /** Bytes. */
  size: count,
  /** Of the whole file. */
  digest: digestSchema,
  /** Where the bytes lie, in order. */
  parts: z.array(partSchema).optional(),
  /** An address under which the bytes stay, instead of parts. */
  reference: z.string().min(1).max(4096).optional(),
  /** Whether the file may be run. Left out: no. */
  executable: z.literal(true).optional(),
})
export type ManifestEntry = z.infer<typeof manifestEntrySchema>

/** A blob that a manifest uses. */
export interface ManifestBlob {
  digest: Digest
  /** Bytes. */
  size: number
}

/** The list of a version's entries, sorted by the bytes of their paths, and the blobs that hold them. */
export interface Manifest {
  header: ManifestHeader
  blobs: ManifestBlob[]
  entries: ManifestEntry[]
}
