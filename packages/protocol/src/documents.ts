import * as z from 'zod/mini'
import { digestSchema } from './digest.ts'
import { maxRunErrorLength } from './limits.ts'
import { metadataSchema } from './metadata.ts'
import { aliasNameSchema, artifactNameSchema, nameSchema } from './names.ts'
import { tagSchema } from './revision.ts'

// Stored documents are JSON objects. Readers ignore unknown keys and refuse a higher formatVersion.
const formatVersion = z.literal(1)
const time = z.iso.datetime()
const count = z.int().check(z.nonnegative())

/** The features that a reader or a writer must support before it may use a store. */
export const featuresSchema = z.object({ read: z.array(z.string()), write: z.array(z.string()) })

/** `format.json`: which store this is. */
export const formatDocumentSchema = z.object({
  formatVersion: z.int().check(z.positive()),
  storeId: z.uuid(),
  /** Names of later rules; a reader or writer that does not know one of them must not use the store. */
  features: featuresSchema,
  createdAt: time,
})
export type FormatDocument = z.infer<typeof formatDocumentSchema>

export const roleSchema = z.enum(['read', 'write', 'admin'])
/** What a key may do in a team: `read`, `write` or `admin`. */
export type Role = z.infer<typeof roleSchema>

/** `auth/keys/<sha256>.json`: an API key, of which only the digest is stored. */
export const apiKeyDocumentSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** The first 12 hex digits of the key's digest, which identify the key. */
  id: z.string(),
  /** The user whose key it is. */
  user: nameSchema,
  /** A note for people on what the key is for. */
  note: z.string(),
  /** Team to role, teams in lower case; `*` means every team. */
  roles: z.record(z.string(), roleSchema),
  /** ISO 8601, by the server's clock. */
  createdAt: time,
  /** ISO 8601: the key expires at this time. Default: never. */
  expiresAt: z.optional(time),
  /**
   * The public half of the key that signs URLs of files for this API key, in base64url. The private half is
   * derived from the API key itself, which is stored nowhere. Older keys have none.
   */
  addressKey: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))),
})
/** The stored details of an API key: everything but the key. */
export interface ApiKeyDocument extends z.infer<typeof apiKeyDocumentSchema> {}

export const runNameSchema = z.object({
  /** The experiment of the run. */
  experiment: nameSchema,
  /** The name of the run. */
  run: nameSchema,
})
/** Identifies a run. */
export interface RunName extends z.infer<typeof runNameSchema> {}

export const versionNameSchema = z.object({
  /** The experiment of the artifact. */
  experiment: nameSchema,
  /** The type of the artifact, such as `dataset`. */
  type: nameSchema,
  /** The name of the artifact. */
  name: artifactNameSchema,
  /** The tag of the version. */
  tag: tagSchema,
})
/** Identifies a version. */
export interface VersionName extends z.infer<typeof versionNameSchema> {}

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

/** People's description of a version. */
const words = {
  /** At most 4,096 characters. */
  description: z.string().check(z.maxLength(4096)),
  /** Data for programs: a JSON object of at most 64 KiB. */
  metadata: metadataSchema,
}

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
  ...words,
  /** The origin of a version that was pushed here, as stated by its pusher. */
  origin: z.optional(originSchema),
})
export type StoredRecord = z.infer<typeof recordSchema>

/** Beside a record: a later description and metadata of its version. The newest one counts. */
export const editSchema = z.object({
  formatVersion,
  ...words,
  /** ISO 8601, by the server's clock. */
  updatedAt: time,
  /** Who changed it. */
  updatedBy: nameSchema,
})
export type Edit = z.infer<typeof editSchema>

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

/** After a tombstone: the version was restored, and is as it was before. */
export const restorationSchema = z.object({ formatVersion, restoredAt: time, restoredBy: nameSchema })
export type Restoration = z.infer<typeof restorationSchema>

export const aliasMoveSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** The name of the alias. */
  alias: aliasNameSchema,
  /** The alias's new target; null: it was removed. */
  tag: z.nullable(tagSchema),
  /** ISO 8601, by the server's clock. */
  movedAt: time,
  /** Who moved it. */
  movedBy: nameSchema,
})
/** One move of an alias; the newest one counts. */
export interface AliasMove extends z.infer<typeof aliasMoveSchema> {}

/** Keeps a manifest and its blobs from the sweeper until its version exists. Each request has its own. */
export const reservationSchema = z.object({ formatVersion, manifest: digestSchema, createdAt: time })
/** Beside a reservation: the answer to its request, and the totals of the manifest. */
export const reservationAnswerSchema = z.object({
  formatVersion,
  /** Blobs that were not stored then, and must be stored before the version can be made. */
  missing: z.array(digestSchema),
  /** The digest of the version that the manifest makes. */
  digest: digestSchema,
  /** The size of the manifest itself in bytes. */
  manifestSize: count,
  files: count,
  bytes: count,
})
export type ReservationAnswer = z.infer<typeof reservationAnswerSchema>

/** `gc/markers/<id>.json`: a sweep is about to delete what the list with that id names. */
export const sweepMarkerSchema = z.object({ formatVersion, createdAt: time })
/** `gc/lists/<id>.json`: what a sweep is about to delete. */
export const sweepListSchema = z.object({
  formatVersion,
  blobs: z.array(digestSchema),
  manifests: z.array(digestSchema),
})

/** `e/<experiment>.json`: an experiment, with its name as it was first written. */
export const experimentDocumentSchema = z.object({
  formatVersion,
  experiment: nameSchema,
  createdAt: time,
  createdBy: nameSchema,
})

export const runStateSchema = z.enum(['running', 'finished', 'failed', 'interrupted'])
/** The state of a run: `running`, `finished`, `failed`, or `interrupted` if its process was killed. */
export type RunState = z.infer<typeof runStateSchema>

/** One state of a run; the newest one counts. */
export const runDocumentSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** The team that it belongs to. */
  team: nameSchema,
  /** The experiment that the run belongs to. */
  experiment: nameSchema,
  /** The name of the run. */
  run: nameSchema,
  /** The state. */
  state: runStateSchema,
  /** The error message of a run that failed, if one was given. */
  error: z.optional(z.string().check(z.maxLength(maxRunErrorLength))),
  /** The configuration of the run. */
  config: metadataSchema,
  /** The id of the request that made this state. */
  commitId: z.uuid(),
  /** When the run began. */
  createdAt: time,
  /** Who began it. */
  createdBy: nameSchema,
  /** When this state began. */
  updatedAt: time,
})
/** A run in its current state. */
export interface RunDocument extends z.infer<typeof runDocumentSchema> {}

/** A run as it is stored: for older readers, one that was interrupted is a failed one. */
export const storedRunSchema = z.extend(runDocumentSchema, { interrupted: z.optional(z.literal(true)) })

/** A measured value. JSON lacks the last three numbers, which a training that goes wrong does log. */
export const metricValueSchema = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])])

/** One logged value of one metric. */
export const metricPointSchema = z.object({
  step: count,
  key: z.string().check(z.minLength(1), z.maxLength(256)),
  value: metricValueSchema,
  /** Milliseconds since 1970. */
  time: count,
})
export type MetricPoint = z.infer<typeof metricPointSchema>

/** A run read or made a version: an edge of the lineage. */
export const edgeSchema = z.object({
  formatVersion,
  run: runNameSchema,
  version: versionNameSchema,
  createdAt: time,
})
export type Edge = z.infer<typeof edgeSchema>
