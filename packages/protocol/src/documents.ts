import * as z from 'zod/mini'
import { digestSchema } from './digest.ts'
import { maxRunErrorLength } from './limits.ts'
import { metadataSchema } from './metadata.ts'
import { aliasNameSchema, artifactNameSchema, nameSchema } from './names.ts'
import { tagSchema } from './revision.ts'

// Stored documents are JSON objects. Readers ignore keys that they do not know and refuse a higher formatVersion.
const formatVersion = z.literal(1)
const time = z.iso.datetime()
const count = z.int().check(z.nonnegative())

/** What a reader or a writer has to know of a store before it may touch it. */
export const featuresSchema = z.object({ read: z.array(z.string()), write: z.array(z.string()) })

/** `format.json`: which store this is. */
export const formatDocumentSchema = z.object({
  formatVersion: z.int().check(z.positive()),
  storeId: z.uuid(),
  /** Names of later rules; a reader or writer that does not know one of them keeps its hands off. */
  features: featuresSchema,
  createdAt: time,
})
export type FormatDocument = z.infer<typeof formatDocumentSchema>

/** What a key may do in a team. */
export const roleSchema = z.enum(['read', 'write', 'admin'])
/** What a key may do in a team: `read`, `write` or `admin`. */
export type Role = z.infer<typeof roleSchema>

/** `auth/keys/<sha256>.json`: an API key, of which only the digest is stored. */
export const apiKeyDocumentSchema = z.object({
  /** Of the document: 1. */
  formatVersion,
  /** The first 12 hex digits of the key's digest: enough to name it. */
  id: z.string(),
  /** Whose key it is. */
  user: nameSchema,
  /** Its name, for people: what it is for. */
  note: z.string(),
  /** Team to role, teams in lower case; `*` stands for every team. */
  roles: z.record(z.string(), roleSchema),
  /** ISO 8601, by the server's clock. */
  createdAt: time,
  /** ISO 8601: from then on servers refuse the key. Default: it does not expire. */
  expiresAt: z.optional(time),
  /**
   * The public half of what signs signed URLs for this key, in base64url. The other half is derived from the key
   * itself, which is stored nowhere. Keys of before there were any have none.
   */
  addressKey: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))),
})
/** What is stored of an API key: everything but the key. */
export interface ApiKeyDocument extends z.infer<typeof apiKeyDocumentSchema> {}

/** Which run of which experiment. */
export const runNameSchema = z.object({
  /** The experiment of the run. */
  experiment: nameSchema,
  /** The name of the run. */
  run: nameSchema,
})
/** Which run of which experiment. */
export interface RunName extends z.infer<typeof runNameSchema> {}

/** Which version of which artifact in which experiment. */
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
/** Which version of which artifact in which experiment. */
export interface VersionName extends z.infer<typeof versionNameSchema> {}

/** Where a version was made first, before it was pushed from store to store. */
export const originSchema = z.object({
  /** Of the store that it was made in. */
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
/** Where a version was made first, before it was pushed from store to store. */
export interface Origin extends z.infer<typeof originSchema> {
  /** The run that made it; null: none. */
  run: RunName | null
}

/** What people say about a version. */
const words = {
  /** At most 4,096 characters. */
  description: z.string().check(z.maxLength(4096)),
  /** Facts for programs: a JSON object of at most 64 KiB. */
  metadata: metadataSchema,
}

/** The record of a version as it is stored: the document whose existence makes the version exist. */
export const recordSchema = z.object({
  /** Of the document: 1. */
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
    /** Of the manifest itself. */
    digest: digestSchema,
    /** Bytes. */
    size: count,
  }),
  /** Entries. */
  files: count,
  /** Bytes of all entries together. */
  bytes: count,
  /** The version that this one was made from. */
  base: z.nullable(tagSchema),
  /** Made by the client; the same one twice is the same version. */
  commitId: z.uuid(),
  /** When the version was made: ISO 8601, by the server's clock. */
  createdAt: time,
  /** Who made it. */
  createdBy: nameSchema,
  run: z.nullable(runNameSchema),
  ...words,
  /** Of a version that was pushed here, as whoever pushed it says. */
  origin: z.optional(originSchema),
})
export type StoredRecord = z.infer<typeof recordSchema>

/** Beside a record: what its version is described as from then on. The newest one holds. */
export const editSchema = z.object({
  formatVersion,
  ...words,
  /** ISO 8601, by the server's clock. */
  updatedAt: time,
  /** Who changed it. */
  updatedBy: nameSchema,
})
export type Edit = z.infer<typeof editSchema>

/** Beside a record: the version was deleted, and its tag stays taken. */
export const tombstoneSchema = z.object({
  /** Of the document: 1. */
  formatVersion,
  /** ISO 8601, by the server's clock. */
  deletedAt: time,
  /** Who deleted it. */
  deletedBy: nameSchema,
})
/** What is left of a version that was deleted. */
export interface Tombstone extends z.infer<typeof tombstoneSchema> {}

/** Behind a tombstone: the version was restored, and is as it was before. */
export const restorationSchema = z.object({ formatVersion, restoredAt: time, restoredBy: nameSchema })
export type Restoration = z.infer<typeof restorationSchema>

/** One move of an alias; the newest one holds. */
export const aliasMoveSchema = z.object({
  /** Of the document: 1. */
  formatVersion,
  /** Which alias. */
  alias: aliasNameSchema,
  /** Where the alias points; null: it was removed. */
  tag: z.nullable(tagSchema),
  /** ISO 8601, by the server's clock. */
  movedAt: time,
  /** Who moved it. */
  movedBy: nameSchema,
})
/** One move of an alias. */
export interface AliasMove extends z.infer<typeof aliasMoveSchema> {}

/** Keeps a manifest and its blobs from the sweeper until its version exists. One for each request, never shared. */
export const reservationSchema = z.object({ formatVersion, manifest: digestSchema, createdAt: time })
/** Beside a reservation: what its request was answered, and what the manifest amounts to. */
export const reservationAnswerSchema = z.object({
  formatVersion,
  /** Blobs that were not stored then, and have to be before there is a version. */
  missing: z.array(digestSchema),
  /** Of the version that the manifest makes. */
  digest: digestSchema,
  /** Bytes of the manifest itself. */
  manifestSize: count,
  files: count,
  bytes: count,
})
export type ReservationAnswer = z.infer<typeof reservationAnswerSchema>

/** `gc/markers/<id>.json`: a sweep is about to delete what the list of that id names. */
export const sweepMarkerSchema = z.object({ formatVersion, createdAt: time })
/** `gc/lists/<id>.json`: what a sweep is about to delete. */
export const sweepListSchema = z.object({
  formatVersion,
  blobs: z.array(digestSchema),
  manifests: z.array(digestSchema),
})

/** `e/<experiment>.json`: an experiment, with its name as it was written first. */
export const experimentDocumentSchema = z.object({
  formatVersion,
  experiment: nameSchema,
  createdAt: time,
  createdBy: nameSchema,
})

/** How a run stands. */
export const runStateSchema = z.enum(['running', 'finished', 'failed'])
/** How a run stands: `running`, `finished` or `failed`. */
export type RunState = z.infer<typeof runStateSchema>

/** One state of a run; the newest one holds. */
export const runDocumentSchema = z.object({
  /** Of the document: 1. */
  formatVersion,
  /** The team that it belongs to. */
  team: nameSchema,
  /** The experiment that the run belongs to. */
  experiment: nameSchema,
  /** The name of the run. */
  run: nameSchema,
  /** How it stands. */
  state: runStateSchema,
  /** Of a run that failed: the error's message, where one was given. */
  error: z.optional(z.string().check(z.maxLength(maxRunErrorLength))),
  /** What it was configured with. */
  config: metadataSchema,
  /** Of the request that made this state. */
  commitId: z.uuid(),
  /** When the run began. */
  createdAt: time,
  /** Who began it. */
  createdBy: nameSchema,
  /** When this state began. */
  updatedAt: time,
})
/** A run as it stands. */
export interface RunDocument extends z.infer<typeof runDocumentSchema> {}

/** A measured value. JSON has no numbers for the last three, which a training that goes wrong does log. */
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
