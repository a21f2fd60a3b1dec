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

// Requests are strict, so that a misspelt field is an error. Responses are read without the keys that are not known.

/** What a server may offer beside what every server does. A client that does not know an offer does without it. */
export const knownOffers = {
  /** Presigned URLs under which blobs can be fetched from the store itself. */
  presignedDownloads: 'presigned-downloads',
  /** Presigned URLs under which blobs can be put into the store itself. */
  presignedUploads: 'presigned-uploads',
} as const

/** What the server is and takes: the answer that tells a Trackway server from any other. */
export const serviceSchema = z.object({
  service: z.literal('trackway'),
  formatVersion: z.int().check(z.positive()),
  storeId: z.uuid(),
  /** What a client has to know, or keep away. */
  features: featuresSchema,
  /** What a client may use, or not. Servers of before there were any do not name them. */
  offers: z._default(z.array(z.string()), []),
  limits: limitsSchema,
})
export type Service = z.infer<typeof serviceSchema>

/** The server answers. */
export const healthSchema = z.object({ status: z.literal('ok') })

/** Who the key belongs to. */
export const meSchema = z.object({
  user: nameSchema,
  /** Where things go unless a team is named. */
  team: nameSchema,
  /** Team to role; `*` stands for every team. */
  roles: z.record(z.string(), roleSchema),
})
export type Me = z.infer<typeof meSchema>

/** Which of these blobs are not stored? */
export const missingQuestionSchema = z.strictObject({ digests: z.array(digestSchema) })
export const missingAnswerSchema = z.object({ missing: z.array(digestSchema) })

/** Which blobs of a request were stored now, and which had been there. */
export const blobsAnswerSchema = z.object({ stored: z.array(digestSchema), known: z.array(digestSchema) })
export type BlobsAnswer = z.infer<typeof blobsAnswerSchema>

/** Presigned URLs to these blobs, whether they are stored or not. */
export const presignDownloadsSchema = z.strictObject({
  digests: z.array(digestSchema).check(z.minLength(1), z.maxLength(maxPresignedUrls)),
})

/** Presigned URLs to put these blobs, each of which takes just the bytes of its digest and size. */
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

/** A request to the object store, signed by the server: whoever has it needs no key until it expires. */
export const presignedUrlSchema = z.object({
  digest: digestSchema,
  /** With its query, which is a secret. */
  url: z.string().check(z.maxLength(8192)),
  /** What to send with it, exactly; may hold a secret as well. */
  headers: z.record(z.string().check(z.maxLength(256)), z.string().check(z.maxLength(4096))),
  /** When the store stops to take it, by the server's clock. */
  expiresAt: z.iso.datetime(),
})
export type PresignedUrl = z.infer<typeof presignedUrlSchema>

/** The presigned URLs that could be made; there may be fewer than were asked for. */
export const presignedUrlsSchema = z.object({
  urls: z.array(presignedUrlSchema).check(z.maxLength(maxPresignedUrls)),
})

/** Asks for signed URLs for files of a version, which other programs can read without a key. */
export const signedUrlsSchema = z.strictObject({
  paths: z.array(pathSchema).check(z.minLength(1), z.maxLength(maxSignedUrls)),
  /** Default: 3,600. */
  expiresInSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(maxSignedUrlSeconds))),
})

/** The signed URLs, in the order of the paths. */
export const signedUrlsAnswerSchema = z.object({
  /** The version that they are for, whatever it was called in the request. */
  tag: tagSchema,
  /** When the server stops to take them, by its own clock; null where it asks for no key, and they never end. */
  expiresAt: z.nullable(z.iso.datetime()),
  urls: z.array(
    z.object({
      path: pathSchema,
      /** What follows the `?` of the file's URL, a secret; empty where the server asks for no key. */
      query: z.string().check(z.regex(/^[A-Za-z0-9_=&-]*$/), z.maxLength(512)),
    }),
  ),
})

/** The query of a signed URL: all three, or none of them beside an API key. */
export const signedQuerySchema = z.strictObject({
  /** The SHA-256 of the API key in whose name it was signed, in hex. */
  key: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  /** When it ends, in seconds since 1970. */
  expires: z.optional(z.string().check(z.regex(/^[1-9]\d{0,11}$/))),
  /** The signature, in base64url. */
  signature: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/))),
})

/** The manifest is stored and kept from the sweeper; these of its blobs are still to be sent. */
export const manifestAnswerSchema = z.object({ reservation: z.string(), missing: z.array(digestSchema) })
export type ManifestAnswer = z.infer<typeof manifestAnswerSchema>

/** What to do when somebody else made a version since `base`: take the next tag, or fail. */
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
   * The newest version that the client has seen; null: none. A version with the same content that was made after it is
   * the answer, and nothing is made. Left out: `base`; where that is left out too, the one before the latest.
   */
  since: z.optional(z.nullable(tagSchema)),
  /** The tag to take: it has to be the next one. Left out: the next one, whichever it is. */
  tag: z.optional(tagSchema),
  /** Default: `next`. */
  onConflict: z.optional(onConflictSchema),
  run: z.optional(z.nullable(runNameSchema)),
  description: z.optional(z.string().check(z.maxLength(4096))),
  metadata: z.optional(metadataSchema),
  /** Where the version was made first, if it is pushed here from another place. */
  origin: z.optional(originSchema),
})
export type CreateVersion = z.infer<typeof createVersionSchema>

const { files: fileCount, bytes: size, ...recorded } = recordSchema.shape
/** The record of a version, where the store writes `files` for `fileCount` and `bytes` for `size`. */
export const versionRecordSchema = z.object({
  ...recorded,
  /** How many entries it has. */
  fileCount,
  /** Bytes of all entries together. */
  size,
  /** When its description or metadata was changed last. Not stored: a server adds it, from the edit beside the record. */
  updatedAt: z.optional(z.iso.datetime()),
  /** Who changed them last. Not stored either. */
  updatedBy: z.optional(nameSchema),
})
/** A version: what is known of it, but for its entries. */
export interface VersionRecord extends z.infer<typeof versionRecordSchema> {
  /** The run that made it; null: none. */
  run: RunName | null
  /** Of a version that was pushed here, as whoever pushed it says. */
  origin?: Origin | undefined
}

/** A version and the aliases that point at it. */
export const versionSchema = z.extend(versionRecordSchema, {
  /** Which point at it, or the first 10,000 of them. */
  aliases: z.array(aliasNameSchema).check(z.maxLength(maxAliases)),
})
/** A version and the aliases that point at it. */
export interface Version extends VersionRecord {
  /** Which point at it, or the first 10,000 of them. */
  aliases: string[]
}

/** Changes what a version is described as. What is left out stays; metadata is replaced as a whole. */
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
  /** Facts for programs. */
  metadata: metadataSchema,
  /** When it was described so: ISO 8601, by the server's clock. */
  updatedAt: z.iso.datetime(),
  /** Who described it so. */
  updatedBy: nameSchema,
})
/** What a version was described as from some time on. */
export interface VersionDescription extends z.infer<typeof versionDescriptionSchema> {}

/** What a version was described as, the newest first: at most 100 times, and the last is what it was made with. */
export const versionHistorySchema = z.object({ history: z.array(versionDescriptionSchema) })

/** A version in a list, which may have been asked for with the deleted ones. */
export const listedVersionSchema = z.extend(versionRecordSchema, { deleted: z.optional(z.literal(true)) })
/** A version in a list, which may have been asked for with the deleted ones. */
export interface ListedVersion extends VersionRecord {
  /** Whether it was deleted. */
  deleted?: true | undefined
}

/** An artifact and where its names point. */
export const artifactSchema = z.object({
  /** The experiment that it belongs to. */
  experiment: nameSchema,
  /** Such as `dataset`. */
  type: nameSchema,
  /** Within its experiment and type. */
  name: artifactNameSchema,
  /** The newest version that is not deleted; null where all are. */
  latest: z.nullable(versionRecordSchema),
  /** Alias to tag. */
  aliases: z.record(aliasNameSchema, tagSchema),
})
/** An artifact and where its names point. */
export interface ArtifactSummary extends z.infer<typeof artifactSchema> {
  /** The newest version that is not deleted; null where all are. */
  latest: VersionRecord | null
}

/** Moves an alias, or removes it. */
export const moveAliasSchema = z.strictObject({
  /** Where it shall point; null removes it. */
  tag: z.nullable(tagSchema),
  /** Where it has to point now; null: nowhere. Left out: wherever. */
  expected: z.optional(z.nullable(tagSchema)),
})

/** An alias and its moves, the newest first. */
export const aliasSchema = z.object({
  /** Where it points; null: nowhere. */
  tag: z.nullable(tagSchema),
  history: z.array(aliasMoveSchema),
})
/** An alias and its moves. */
export interface Alias extends z.infer<typeof aliasSchema> {
  /** The newest first. */
  history: AliasMove[]
}

/** Deletes what is old by rule. A version goes where every rule given says so, and no alias points at it. */
export const retentionSchema = z
  .strictObject({
    /** Only artifacts of this type. Left out: of all types. */
    type: z.optional(nameSchema),
    /** Only the artifact of this name. Left out: all. */
    name: z.optional(artifactNameSchema),
    /** So many of the newest versions of each artifact stay, at least 1, which is the default. */
    keepLast: z.optional(z.int().check(z.positive())),
    /** Only what is older than so many days goes. */
    olderThanDays: z.optional(z.number().check(z.nonnegative())),
    /** Says what would go, and deletes nothing. */
    dryRun: z.optional(z.boolean()),
  })
  .check(
    z.refine(({ keepLast, olderThanDays }) => keepLast !== undefined || olderThanDays !== undefined, {
      error: 'give keepLast, olderThanDays or both',
    }),
  )
/** Rules by which old versions are deleted. A version goes where every rule given says so. */
export interface RetentionRequest extends z.infer<typeof retentionSchema> {}

/** What a retention deleted, or would. */
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
  /** How many versions stay, in the artifacts that were looked at. */
  kept: z.int().check(z.nonnegative()),
  /** Bytes of blobs and manifests that nothing else uses: what a sweep frees when the grace is over. */
  freedBytes: z.int().check(z.nonnegative()),
  /** Whether nothing was deleted, but only said. */
  dryRun: z.boolean(),
})
/** What a retention deleted, or would. */
export interface RetentionAnswer extends z.infer<typeof retentionAnswerSchema> {}

/** Begins a run, or goes on with the one of that name. */
export const createRunSchema = z.strictObject({
  /** Left out: the server makes a name. */
  run: z.optional(nameSchema),
  config: z.optional(metadataSchema),
  /** A UUID made by the client. Sending it again gives the same run. */
  commitId: z.uuid(),
})

/** Ends a run. */
export const finishRunSchema = z.strictObject({
  state: z.enum(['finished', 'failed']),
  /** Why it failed. */
  error: runDocumentSchema.shape.error,
  commitId: z.uuid(),
})

/** A run as it stands, and its part of the lineage. */
export const runSchema = z.extend(runDocumentSchema, {
  inputs: z.array(versionNameSchema),
  outputs: z.array(versionNameSchema),
})
/** A run as it stands, and its part of the lineage. */
export interface RunSummary extends z.infer<typeof runSchema> {
  /** The versions that it read. */
  inputs: VersionName[]
  /** The versions that it made. */
  outputs: VersionName[]
}

/** A run that was begun, or is gone on with. */
export const begunRunSchema = z.extend(runDocumentSchema, {
  /** Of a run that has a log: one more than the highest step in what was logged last. */
  nextStep: z.optional(z.int().check(z.nonnegative())),
})
export type BegunRun = z.infer<typeof begunRunSchema>

/** Appends values to a run's log. */
export const logSegmentSchema = z.strictObject({
  points: z.array(metricPointSchema).check(z.minLength(1), z.maxLength(10_000)),
})

/** The values that a run logged, those of each process in the order in which it logged them. */
export const logPageSchema = z.object({ points: z.array(metricPointSchema), next: z.optional(z.string()) })

/** Which run made a version and which ones read it. */
export const lineageSchema = z.object({
  producedBy: z.nullable(runNameSchema),
  usedBy: z.array(runNameSchema),
})
/** Which run made a version and which ones read it. */
export interface Lineage extends z.infer<typeof lineageSchema> {
  /** The run that made it; null: none. */
  producedBy: RunName | null
  /** The runs that read it. */
  usedBy: RunName[]
}

/** An experiment. */
export const experimentSchema = z.object({ experiment: nameSchema })

/** One page of a list; `next` is the cursor of the page behind it. */
export function pageSchema<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ items: z.array(item), next: z.optional(z.string()) })
}
/** One page of a list. */
export interface Page<Item> {
  items: Item[]
  next?: string | undefined
}
