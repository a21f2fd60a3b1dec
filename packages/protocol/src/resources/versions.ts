import * as z from 'zod/mini'
import { digestSchema } from '../digest.ts'
import { count, formatVersion, time } from '../fields.ts'
import { metadataSchema } from '../metadata.ts'
import { aliasNameSchema, artifactNameSchema, nameSchema } from '../names.ts'
import { pageQuery, pageSchema } from '../page.ts'
import { parseRevision, parseTag, revisionSchema, tagSchema } from '../revision.ts'
import { artifactPath, versionPath, type Routes } from '../route.ts'
import { runNameSchema, type RunName } from './lineage.ts'

/** The most aliases that a version is returned with. */
export const maxAliases = 10_000

export const originSchema = z.object({
  /** The id of the store in which it was made. */
  storeId: z.uuid(),
  /** The team that it belonged to there. */
  team: nameSchema,
  /** The experiment of the artifact there. */
  experiment: nameSchema,
  /** The type of the artifact there. */
  type: nameSchema,
  /** The name of the artifact there. */
  name: artifactNameSchema,
  /** The tag that it had there. */
  tag: tagSchema,
  /** When it was made: ISO 8601, by that store's server. */
  createdAt: time,
  /** Who made it. */
  createdBy: nameSchema,
  /** The run that made it; null: none. */
  run: z.nullable(runNameSchema),
})
/** Where a version was first made, before it was pushed from store to store. */
export interface Origin extends z.infer<typeof originSchema> {
  /** The run that made it; null: none. */
  run: RunName | null
}

const descriptionSchema = z.string().check(z.maxLength(4096))

/** The record of a version as it is stored: the document whose existence makes the version exist. */
export const recordSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** The team that it belongs to. */
  team: nameSchema,
  /** The experiment that the artifact belongs to. */
  experiment: nameSchema,
  /** The type of the artifact, such as `dataset`. */
  type: nameSchema,
  /** The name of the artifact. */
  name: artifactNameSchema,
  /** The tag of the version. */
  tag: tagSchema,
  /** Of the version: the SHA-256 of what `sha256sum` prints for its entries. */
  digest: digestSchema,
  /** The list of its entries. */
  manifest: z.object({
    /** The digest of the manifest itself. */
    digest: digestSchema,
    /** Bytes. */
    size: count,
  }),
  /** The number of entries. */
  files: count,
  /** The total size of all entries in bytes. */
  bytes: count,
  /** The version that this one was based on. */
  base: z.nullable(tagSchema),
  /** Made by the client; two requests with the same id make one version. */
  commitId: z.uuid(),
  /** When the version was made: ISO 8601, by the server's clock. */
  createdAt: time,
  /** Who made it. */
  createdBy: nameSchema,
  run: z.nullable(runNameSchema),
  /** At most 4,096 characters. */
  description: descriptionSchema,
  /** Data for programs: a JSON object of at most 64 KiB. */
  metadata: metadataSchema,
  /** The origin of a version that was pushed here, as stated by its pusher. */
  origin: z.optional(originSchema),
})
export type StoredRecord = z.infer<typeof recordSchema>

/** Stored beside a record: a later description and metadata of its version. The newest one counts. */
export const editSchema = z.object({
  formatVersion,
  /** At most 4,096 characters. */
  description: descriptionSchema,
  /** Data for programs: a JSON object of at most 64 KiB. */
  metadata: metadataSchema,
  /** ISO 8601, by the server's clock. */
  updatedAt: time,
  /** Who changed it. */
  updatedBy: nameSchema,
})
export type Edit = z.infer<typeof editSchema>

/** Stored beside a record. */
export const tombstoneSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** ISO 8601, by the server's clock. */
  deletedAt: time,
  /** Who deleted it. */
  deletedBy: nameSchema,
})
/** Marks a deleted version, whose tag stays taken. */
export interface Tombstone extends z.infer<typeof tombstoneSchema> {}

/** Stored after a tombstone: the version was restored, and is as it was before. */
export const restorationSchema = z.object({ formatVersion, restoredAt: time, restoredBy: nameSchema })
export type Restoration = z.infer<typeof restorationSchema>

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
  updatedAt: z.optional(time),
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

export const listedVersionSchema = z.extend(versionRecordSchema, { deleted: z.optional(z.literal(true)) })
/** A version in a list, which may include deleted ones. */
export interface ListedVersion extends VersionRecord {
  /** Whether it was deleted. */
  deleted?: true | undefined
}

const versionDescriptionSchema = z.object({
  /** At most 4,096 characters. */
  description: descriptionSchema,
  /** Data for programs: a JSON object of at most 64 KiB. */
  metadata: metadataSchema,
  /** When this description was set: ISO 8601, by the server's clock. */
  updatedAt: time,
  /** Who set it. */
  updatedBy: nameSchema,
})
/** A description and metadata that a version had from some time on. */
export interface VersionDescription extends z.infer<typeof versionDescriptionSchema> {}

/** A version's descriptions and metadata, the newest first: at most 100, and the last is the original. */
export const versionHistorySchema = z.object({ history: z.array(versionDescriptionSchema) })

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
  description: z.optional(descriptionSchema),
  metadata: z.optional(metadataSchema),
  /** Where the version was first made, if it is pushed here from another store. */
  origin: z.optional(originSchema),
})
export type CreateVersion = z.infer<typeof createVersionSchema>

/**
 * Changes the description or metadata of a version. What is left out stays; metadata is replaced as a whole.
 */
export const updateVersionSchema = z
  .strictObject({ description: z.optional(descriptionSchema), metadata: z.optional(metadataSchema) })
  .check(
    z.refine(({ description, metadata }) => description !== undefined || metadata !== undefined, {
      error: 'give description or metadata',
    }),
  )

export const versionParameters = {
  tag: { schema: tagSchema, parse: parseTag, example: 'V1' },
  revision: {
    schema: revisionSchema,
    parse(text: string): string {
      parseRevision(text)
      return text
    },
    example: 'latest',
  },
}

export const versionRoutes = {
  listVersions: {
    method: 'GET',
    path: `${artifactPath}/versions`,
    access: 'read',
    query: z.extend(pageQuery, {
      /** Includes deleted versions, which are marked. Default: false. */
      deleted: z.optional(z.enum(['true', 'false'])),
    }),
    response: pageSchema(listedVersionSchema),
  },
  createVersion: {
    method: 'POST',
    path: `${artifactPath}/versions`,
    access: 'write',
    body: createVersionSchema,
    response: versionRecordSchema,
    statuses: [200, 201],
  },
  putVersion: {
    method: 'PUT',
    path: `${artifactPath}/versions/{tag}`,
    access: 'write',
    body: createVersionSchema,
    response: versionRecordSchema,
    statuses: [200, 201],
  },
  getVersion: {
    method: 'GET',
    path: versionPath,
    access: 'read',
    response: versionSchema,
  },
  updateVersion: {
    method: 'POST',
    path: `${artifactPath}/versions/{tag}/update`,
    access: 'write',
    body: updateVersionSchema,
    response: versionRecordSchema,
  },
  getVersionHistory: {
    method: 'GET',
    path: `${versionPath}/history`,
    access: 'read',
    response: versionHistorySchema,
  },
  deleteVersion: {
    method: 'DELETE',
    path: `${artifactPath}/versions/{tag}`,
    access: 'admin',
    response: tombstoneSchema,
  },
  restoreVersion: {
    method: 'POST',
    path: `${artifactPath}/versions/{tag}/restore`,
    access: 'admin',
    response: versionRecordSchema,
  },
} as const satisfies Routes

export const versionSummaries: Record<keyof typeof versionRoutes, string> = {
  listVersions: 'The versions of an artifact, the newest first',
  createVersion: 'Makes the next version from a stored manifest',
  putVersion: 'Makes the version with this tag, which must be the next one; needs If-None-Match: *',
  getVersion: 'A version by its tag, an alias, latest, or the beginning of its digest',
  updateVersion: 'Changes the description or the metadata of a version; its content and its record stay',
  getVersionHistory: 'The descriptions and metadata that a version has had, the newest first',
  deleteVersion:
    'Deletes a version that no alias points at; its data is kept for a week, its tag is never reused',
  restoreVersion: 'Restores a deleted version while its data exists: for at least a week',
}
