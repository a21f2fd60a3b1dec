import * as z from 'zod/mini'
import { digestSchema } from './digest.ts'
import {
  aliasMoveSchema,
  featuresSchema,
  metricPointSchema,
  originSchema,
  recordSchema,
  roleSchema,
  runDocumentSchema,
  runNameSchema,
  versionNameSchema,
  type AliasMove,
  type Origin,
  type RunName,
  type VersionName,
} from './documents.ts'
import {
  defaultLimits,
  limitsSchema,
  maxAliases,
  maxSignedUrls,
  maxSignedUrlSeconds,
  maxPresignedUrls,
} from './limits.ts'
import { metadataSchema } from './metadata.ts'
import { aliasNameSchema, artifactNameSchema, nameSchema } from './names.ts'
import { pathSchema } from './paths.ts'
import { tagSchema } from './revision.ts'

// Requests are strict, so that a misspelled field is an error. Responses are read without unknown keys.

/** Optional abilities of a server. Clients ignore those that they do not know. */
export const knownOffers = {
  /** Presigned URLs to fetch blobs directly from the store. */
  presignedDownloads: 'presigned-downloads',
  /** Presigned URLs to put blobs directly into the store. */
  presignedUploads: 'presigned-uploads',
} as const

/** What the server is, and its limits: the answer that identifies a Trackway server. */
export const serviceSchema = z.object({
  service: z.literal('trackway'),
  formatVersion: z.int().check(z.positive()),
  storeId: z.uuid(),
  /** The features that a client must know to read or write. */
  features: featuresSchema,
  /** The abilities that a client may use. Older servers leave them out. */
  offers: z._default(z.array(z.string()), []),
  limits: limitsSchema,
})
export type Service = z.infer<typeof serviceSchema>

/** The server is running. */
export const healthSchema = z.object({ status: z.literal('ok') })

/** The owner of the key. */
export const meSchema = z.object({
  user: nameSchema,
  /** The team that is used unless one is named. */
  team: nameSchema,
  /** Team to role; `*` means every team. */
  roles: z.record(z.string(), roleSchema),
})
export type Me = z.infer<typeof meSchema>

/** Asks which of these blobs are not stored. */
export const missingQuestionSchema = z.strictObject({ digests: z.array(digestSchema) })
export const missingAnswerSchema = z.object({ missing: z.array(digestSchema) })

/** Which blobs of a request were stored now, and which were stored before. */
export const blobsAnswerSchema = z.object({ stored: z.array(digestSchema), known: z.array(digestSchema) })
export type BlobsAnswer = z.infer<typeof blobsAnswerSchema>

/** Asks for presigned URLs of these blobs, whether they are stored or not. */
export const presignDownloadsSchema = z.strictObject({
  digests: z.array(digestSchema).check(z.minLength(1), z.maxLength(maxPresignedUrls)),
})

/** Asks for presigned URLs to put these blobs. Each accepts only the bytes of its digest and size. */
export const presignUploadsSchema = z.strictObject({
  blobs: z
    .array(
      z.strictObject({
        digest: digestSchema,
        size: z.int().check(z.positive(), z.maximum(defaultLimits.blobBytes)),
      }),
    )
    .check(z.minLength(1), z.maxLength(maxPresignedUrls)),
})

/** A request to the object store, signed by the server. Anyone who has it needs no key until it expires. */
export const presignedUrlSchema = z.object({
  digest: digestSchema,
  /** With its query, which is a secret. */
  url: z.string().check(z.maxLength(8192)),
  /** The headers to send, exactly; may include a secret as well. */
  headers: z.record(z.string().check(z.maxLength(256)), z.string().check(z.maxLength(4096))),
  /** When the store stops accepting it, by the server's clock. */
  expiresAt: z.iso.datetime(),
})
export type PresignedUrl = z.infer<typeof presignedUrlSchema>

/** The presigned URLs that could be made; there may be fewer than requested. */
export const presignedUrlsSchema = z.object({
  urls: z.array(presignedUrlSchema).check(z.maxLength(maxPresignedUrls)),
})

/** Asks for signed URLs of a version's files, which other programs can read without a key. */
export const signedUrlsSchema = z.strictObject({
  paths: z.array(pathSchema).check(z.minLength(1), z.maxLength(maxSignedUrls)),
  /** Default: 3,600. */
  expiresInSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(maxSignedUrlSeconds))),
})

/** The signed URLs, in the order of the paths. */
export const signedUrlsAnswerSchema = z.object({
  /** The version of the files, whatever revision the request named. */
  tag: tagSchema,
  /**
   * When the server stops accepting them, by its own clock; null if it requires no key, and they never
   * expire.
   */
  expiresAt: z.nullable(z.iso.datetime()),
  urls: z.array(
    z.object({
      path: pathSchema,
      /** The query of the file's URL (after the `?`), a secret; empty if the server requires no key. */
      query: z.string().check(z.regex(/^[A-Za-z0-9_=&-]*$/), z.maxLength(512)),
    }),
  ),
})

/** The query of a signed URL: all three parameters, or none with an API key. */
export const signedQuerySchema = z.strictObject({
  /** The SHA-256 of the API key that signed it, in hex. */
  key: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  /** When it expires, in seconds since 1970. */
  expires: z.optional(z.string().check(z.regex(/^[1-9]\d{0,11}$/))),
  /** The signature, in base64url. */
  signature: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/))),
})

/** The manifest is stored and kept from the sweeper; these of its blobs are still missing. */
export const manifestAnswerSchema = z.object({ reservation: z.string(), missing: z.array(digestSchema) })
export type ManifestAnswer = z.infer<typeof manifestAnswerSchema>

/** What to do if another client made a version since `base`: take the next tag, or fail. */
export const onConflictSchema = z.enum(['next', 'fail'])

/** Makes a version of a stored manifest. */
export const createVersionSchema = z.strictObject({
  manifest: digestSchema,
  reservation: z.string().check(z.regex(/^[0-9a-f-]{1,64}$/)),
  /** A UUID made by the client. Sending it again gives the same version. */
  commitId: z.uuid(),
  /** The version that this one was made from; null or left out: none. */
  base: z.optional(z.nullable(tagSchema)),
  /**
   * The newest version that the client knows; null: none. If a version with the same content was made after
   * it, that one is returned, and none is made. Default: `base`, or else the version before the latest.
   */
  since: z.optional(z.nullable(tagSchema)),
  /** The tag to take, which must be the next one. Left out: whichever is next. */
  tag: z.optional(tagSchema),
  /** Default: `next`. */
  onConflict: z.optional(onConflictSchema),
  run: z.optional(z.nullable(runNameSchema)),
  description: z.optional(z.string().check(z.maxLength(4096))),
  metadata: z.optional(metadataSchema),
  /** Where the version was first made, if it is pushed here from another store. */
  origin: z.optional(originSchema),
})
export type CreateVersion = z.infer<typeof createVersionSchema>

const { files: fileCount, bytes: size, ...recorded } = recordSchema.shape
/** The record of a version. The store writes `files` for `fileCount` and `bytes` for `size`. */
export const versionRecordSchema = z.object({
  ...recorded,
  /** The number of entries. */
  fileCount,
  /** The total size of all entries in bytes. */
  size,
  /**
   * When its description or metadata last changed. Not stored: a server adds it, from the edit beside the
   * record.
   */
  updatedAt: z.optional(z.iso.datetime()),
  /** Who changed them last. Not stored either. */
  updatedBy: z.optional(nameSchema),
})
/** The details of a version, without its entries. */
export interface VersionRecord extends z.infer<typeof versionRecordSchema> {
  /** The run that made it; null: none. */
  run: RunName | null
  /** The origin of a version that was pushed here, as stated by its pusher. */
  origin?: Origin | undefined
}

export const versionSchema = z.extend(versionRecordSchema, {
  /** The aliases that point at it, or the first 10,000 of them. */
  aliases: z.array(aliasNameSchema).check(z.maxLength(maxAliases)),
})
/** A version and the aliases that point at it. */
export interface Version extends VersionRecord {
  /** The aliases that point at it, or the first 10,000 of them. */
  aliases: string[]
}

/**
 * Changes the description or metadata of a version. What is left out stays; metadata is replaced as a whole.
 */
export const updateVersionSchema = z
  .strictObject({
    description: z.optional(recordSchema.shape.description),
    metadata: z.optional(metadataSchema),
  })
  .check(
    z.refine(({ description, metadata }) => description !== undefined || metadata !== undefined, {
      error: 'give description or metadata',
    }),
  )

const versionDescriptionSchema = z.object({
  /** At most 4,096 characters. */
  description: recordSchema.shape.description,
  /** Data for programs. */
  metadata: metadataSchema,
  /** When this description was set: ISO 8601, by the server's clock. */
  updatedAt: z.iso.datetime(),
  /** Who set it. */
  updatedBy: nameSchema,
})
/** A description and metadata that a version had from some time on. */
export interface VersionDescription extends z.infer<typeof versionDescriptionSchema> {}

/** A version's descriptions and metadata, the newest first: at most 100, and the last is the original. */
export const versionHistorySchema = z.object({ history: z.array(versionDescriptionSchema) })

export const listedVersionSchema = z.extend(versionRecordSchema, { deleted: z.optional(z.literal(true)) })
/** A version in a list, which may include deleted ones. */
export interface ListedVersion extends VersionRecord {
  /** Whether it was deleted. */
  deleted?: true | undefined
}

export const artifactSchema = z.object({
  /** The experiment that it belongs to. */
  experiment: nameSchema,
  /** Such as `dataset`. */
  type: nameSchema,
  /** The name, within its experiment and type. */
  name: artifactNameSchema,
  /** The newest version that is not deleted; null if all are. */
  latest: z.nullable(versionRecordSchema),
  /** Alias to tag. */
  aliases: z.record(aliasNameSchema, tagSchema),
})
/** An artifact, its newest version and its aliases. */
export interface ArtifactSummary extends z.infer<typeof artifactSchema> {
  /** The newest version that is not deleted; null if all are. */
  latest: VersionRecord | null
}

/** Moves an alias, or removes it. */
export const moveAliasSchema = z.strictObject({
  /** The new target; null removes the alias. */
  tag: z.nullable(tagSchema),
  /** The expected current target; null: none. Left out: any. */
  expected: z.optional(z.nullable(tagSchema)),
})

/** An alias and its moves, the newest first. */
export const aliasSchema = z.object({
  /** The current target; null: none. */
  tag: z.nullable(tagSchema),
  history: z.array(aliasMoveSchema),
})
/** An alias and its moves. */
export interface Alias extends z.infer<typeof aliasSchema> {
  /** The newest first. */
  history: AliasMove[]
}

/** Deletes old versions by rule: those that all the given rules match, and that no alias points at. */
export const retentionSchema = z
  .strictObject({
    /** Only artifacts of this type. Left out: of all types. */
    type: z.optional(nameSchema),
    /** Only the artifact with this name. Left out: all. */
    name: z.optional(artifactNameSchema),
    /** How many of the newest versions of each artifact to keep, at least 1, which is the default. */
    keepLast: z.optional(z.int().check(z.positive())),
    /** Only versions older than this many days. */
    olderThanDays: z.optional(z.number().check(z.nonnegative())),
    /** Reports what would be deleted, and deletes nothing. */
    dryRun: z.optional(z.boolean()),
  })
  .check(
    z.refine(({ keepLast, olderThanDays }) => keepLast !== undefined || olderThanDays !== undefined, {
      error: 'give keepLast, olderThanDays or both',
    }),
  )
/** Rules by which old versions are deleted: those that all the given rules match. */
export interface RetentionRequest extends z.infer<typeof retentionSchema> {}

export const retentionAnswerSchema = z.object({
  /** Oldest first within an artifact. */
  versions: z.array(
    z.object({
      /** The type of the artifact. */
      type: nameSchema,
      /** The name of the artifact. */
      name: artifactNameSchema,
      /** The tag of the version. */
      tag: tagSchema,
      /** Bytes of all its entries together. */
      size: z.int().check(z.nonnegative()),
    }),
  ),
  /** How many versions are kept, in the artifacts that were checked. */
  kept: z.int().check(z.nonnegative()),
  /** Bytes of blobs and manifests that nothing else uses: what a sweep frees after the grace period. */
  freedBytes: z.int().check(z.nonnegative()),
  /** Whether this is only a report, and nothing was deleted. */
  dryRun: z.boolean(),
})
/** What a retention deleted, or would delete. */
export interface RetentionAnswer extends z.infer<typeof retentionAnswerSchema> {}

/** Begins a run, or resumes the one with that name. */
export const createRunSchema = z.strictObject({
  /** Left out: the server makes a name. */
  run: z.optional(nameSchema),
  config: z.optional(metadataSchema),
  /** A UUID made by the client. Sending it again returns the same run. */
  commitId: z.uuid(),
})

/** Ends a run. */
export const finishRunSchema = z.strictObject({
  state: z.enum(['finished', 'failed', 'interrupted']),
  /** Why the run failed or was interrupted. */
  error: runDocumentSchema.shape.error,
  commitId: z.uuid(),
  /** Ends the run only if its state is the one with this `commitId`; otherwise nothing changes. */
  expected: z.optional(z.uuid()),
})

export const runSchema = z.extend(runDocumentSchema, {
  inputs: z.array(versionNameSchema),
  outputs: z.array(versionNameSchema),
})
/** A run in its current state, and its part of the lineage. */
export interface RunSummary extends z.infer<typeof runSchema> {
  /** The versions that it read. */
  inputs: VersionName[]
  /** The versions that it made. */
  outputs: VersionName[]
}

/** A new or resumed run. */
export const begunRunSchema = z.extend(runDocumentSchema, {
  /** If the run has a log: one more than the highest step of the last log entries. */
  nextStep: z.optional(z.int().check(z.nonnegative())),
})
export type BegunRun = z.infer<typeof begunRunSchema>

/** Appends values to a run's log. */
export const logSegmentSchema = z.strictObject({
  points: z.array(metricPointSchema).check(z.minLength(1), z.maxLength(10_000)),
})

/** Where the next page begins: it is sent back in an address. */
const nextPageSchema = z.optional(z.string().check(z.maxLength(8192)))

/** The values that a run logged, those of each process in the order in which it logged them. */
export const logPageSchema = z.object({ points: z.array(metricPointSchema), next: nextPageSchema })

export const lineageSchema = z.object({
  producedBy: z.nullable(runNameSchema),
  usedBy: z.array(runNameSchema),
})
/** The run that made a version and the runs that read it. */
export interface Lineage extends z.infer<typeof lineageSchema> {
  /** The run that made it; null: none. */
  producedBy: RunName | null
  /** The runs that read it. */
  usedBy: RunName[]
}

/** An experiment. */
export const experimentSchema = z.object({ experiment: nameSchema })

/** One page of a list; `next` is the cursor of the next page. */
export function pageSchema<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ items: z.array(item), next: nextPageSchema })
}
/** One page of a list. */
export interface Page<Item> {
  items: Item[]
  next?: string | undefined
}
