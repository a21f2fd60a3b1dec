import * as z from 'zod/mini'
import { digestSchema, type Digest } from '../digest.ts'

/** How this version cuts files in manifests: FastCDC-2020, 1 MiB on average, normalization 2, seed 0. */
export const chunkerName = 'fastcdc2020-1m-nc2-s0'

const count = z.int().check(z.nonnegative())

/** The first line of a manifest. */
export const manifestHeaderSchema = z.object({
  formatVersion: z.literal(1),
  /** How the writer cut its files. Readers do not need it: they use the parts. */
  chunker: z.string().check(z.maxLength(100)),
  /** The number of entries. */
  files: count,
  /** The total size of all entries in bytes. */
  bytes: count,
})
export type ManifestHeader = z.infer<typeof manifestHeaderSchema>

/** A line for a blob: 64 hex digits and its size in bytes. */
export const manifestBlobLineSchema = z.custom<[hex: string, size: number]>(isBlobLine, {
  error: 'expected 64 lower-case hex digits and a size in bytes',
})

function isBlobLine(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [hex, size]: unknown[] = value
  return (
    typeof hex === 'string' && /^[0-9a-f]{64}$/.test(hex) && Number.isSafeInteger(size) && Number(size) > 0
  )
}

/** A slice of a blob: the blob's index in the manifest, the start offset, and the length. */
export type Part = [blob: number, offset: number, length: number]

function isPart(value: unknown): value is Part {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((number) => Number.isSafeInteger(number) && number >= 0) &&
    value[2] > 0
  )
}

/** Why a value is not a valid list of parts; undefined if it is one. */
function partsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'its parts are not a list'
  const wrong = value.findIndex((part) => !isPart(part))
  return wrong === -1 ? undefined : `its part ${wrong} is not a list of three whole numbers`
}

/** There may be millions of parts: they are checked in one pass, and only the first invalid one is named. */
export const partsSchema = z.custom<Part[]>((value) => partsProblem(value) === undefined, {
  error: ({ input }) => partsProblem(input),
})

/** A line for an entry. Its path is checked separately, together with the order. */
export const manifestEntrySchema = z.object({
  path: z.string(),
  /** Bytes. */
  size: count,
  /** The digest of the whole file. */
  digest: digestSchema,
  /** The parts that make up the content, in order. */
  parts: z.optional(partsSchema),
  /** The URL where the bytes stay, instead of parts. */
  reference: z.optional(z.string().check(z.minLength(1), z.maxLength(4096))),
  /** Whether the file is executable. Default: false. */
  executable: z.optional(z.literal(true)),
})
export type ManifestEntry = z.infer<typeof manifestEntrySchema>

/** A blob that a manifest uses. */
export interface ManifestBlob {
  digest: Digest
  /** Bytes. */
  size: number
}

/** Stores the blobs of a manifest for a parser. */
export interface BlobKeeper {
  readonly length: number
  /** Adds the next blob. False: it was added before. */
  add(blob: ManifestBlob): boolean
  /** The size of a blob by its index; undefined if it does not exist. */
  sizeAt(index: number): number | undefined
}

/** The list of a version's entries, sorted by the bytes of their paths, and the blobs that hold them. */
export interface Manifest {
  header: ManifestHeader
  blobs: ManifestBlob[]
  entries: ManifestEntry[]
}
