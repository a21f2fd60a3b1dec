import * as z from 'zod/mini'
import { edgeSchema, runDocumentSchema, tombstoneSchema, type Role } from './documents.ts'
import { digestSchema } from './digest.ts'
import { messageOf } from './brand.ts'
import { TrackwayError } from './errors.ts'
import {
  aliasSchema,
  artifactSchema,
  begunRunSchema,
  blobsAnswerSchema,
  createRunSchema,
  createVersionSchema,
  presignDownloadsSchema,
  experimentSchema,
  signedUrlsAnswerSchema,
  signedUrlsSchema,
  finishRunSchema,
  healthSchema,
  lineageSchema,
  presignedUrlsSchema,
  listedVersionSchema,
  logPageSchema,
  logSegmentSchema,
  manifestAnswerSchema,
  meSchema,
  missingAnswerSchema,
  missingQuestionSchema,
  moveAliasSchema,
  pageSchema,
  retentionAnswerSchema,
  retentionSchema,
  runSchema,
  serviceSchema,
  signedQuerySchema,
  updateVersionSchema,
  presignUploadsSchema,
  versionHistorySchema,
  versionRecordSchema,
  versionSchema,
} from './messages.ts'
import { artifactNameSchema, aliasNameSchema, nameSchema } from './names.ts'
import { pathSchema } from './paths.ts'
import { parseRevision, tagSchema } from './revision.ts'
import { versionNameSchema } from './documents.ts'

/** The base path of the protocol on a server. */
export const apiBase = '/api/v1'

/** The media type of manifests and logs: JSON values, one per line. */
export const ndjsonMediaType = 'application/x-ndjson'

/** A route of the protocol: one description for the server, the clients and the OpenAPI document. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /**
   * After the base, with parameters in braces. A parameter is one percent-encoded segment, except for
   * `{path}`.
   */
  path: string
  /** The minimum role in the team; `key`: any valid key; `public`: none. */
  access: Role | 'key' | 'public'
  /** Whether a signed URL replaces the key: its query says in whose name, until when, and proves it. */
  signable?: boolean
  /** Query parameters; all are optional texts. */
  query?: z.ZodMiniType
  /** A JSON body's schema, or the media type of a body that is not JSON. */
  body?: z.ZodMiniType | string
  /** The schema of a JSON answer, or the media type of an answer of bytes. */
  response: z.ZodMiniType | string
  /** Statuses of success. Default: 200. */
  statuses?: readonly number[]
}

const pageQuery = z.strictObject({
  /** The cursor: where the previous page ended. */
  cursor: z.optional(z.string()),
  /** Items per page, at most 1,000. Default: 100. */
  limit: z.optional(z.string().check(z.regex(/^[1-9]\d{0,2}$|^1000$/))),
})

const revisionSchema = z
  .string()
  .check(
    z.superRefine((text, context) => {
      try {
        parseRevision(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) })
      }
    }),
  )
  .register(z.globalRegistry, { pattern: '^([A-Za-z0-9][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{12,64})$' })

/** The schemas of path parameters. */
export const parameterSchemas = {
  team: nameSchema,
  experiment: nameSchema,
  run: nameSchema,
  type: nameSchema,
  name: artifactNameSchema,
  alias: aliasNameSchema,
  tag: tagSchema,
  revision: revisionSchema,
  digest: digestSchema,
  path: pathSchema,
  /**
   * Ten digits that count up and eight hex digits that identify the writer, so that two writers never
   * collide.
   */
  segment: z.string().check(z.regex(/^\d{10}-[0-9a-f]{8}$/)),
} satisfies Record<string, z.ZodMiniType>

const experiment = '/teams/{team}/experiments/{experiment}'
const run = `${experiment}/runs/{run}`
const artifact = `${experiment}/artifacts/{type}/{name}`
const version = `${artifact}/versions/{revision}`

/** Every route of the protocol, by name. */
export const routes = {
  getService: {
    method: 'GET',
    path: '',
    access: 'public',
    response: serviceSchema,
  },
  getHealth: {
    method: 'GET',
    path: '/healthz',
    access: 'public',
    response: healthSchema,
  },
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    access: 'public',
    response: 'application/json',
  },
  getMe: {
    method: 'GET',
    path: '/me',
    access: 'key',
    response: meSchema,
  },

  findMissingBlobs: {
    method: 'POST',
    path: '/teams/{team}/blobs/missing',
    access: 'write',
    body: missingQuestionSchema,
    response: missingAnswerSchema,
  },
  putBlobs: {
    method: 'POST',
    path: '/teams/{team}/blobs',
    access: 'write',
    body: 'multipart/form-data',
    response: blobsAnswerSchema,
  },
  getBlob: {
    method: 'GET',
    path: '/teams/{team}/blobs/{digest}',
    access: 'read',
    response: 'application/octet-stream',
    statuses: [200, 206],
  },
  presignDownloads: {
    method: 'POST',
    path: '/teams/{team}/blobs/presigned-downloads',
    access: 'read',
    body: presignDownloadsSchema,
    response: presignedUrlsSchema,
  },
  presignUploads: {
    method: 'POST',
    path: '/teams/{team}/blobs/presigned-uploads',
    access: 'write',
    body: presignUploadsSchema,
    response: presignedUrlsSchema,
  },
  putManifest: {
    method: 'PUT',
    path: '/teams/{team}/manifests/{digest}',
    access: 'write',
    query: z.strictObject({
      /** The experiment of the base. */
      experiment: z.optional(nameSchema),
      /** A version whose blobs do not have to be checked: `type/name:V1`. */
      base: z.optional(z.string()),
    }),
    body: ndjsonMediaType,
    response: manifestAnswerSchema,
  },

  listExperiments: {
    method: 'GET',
    path: '/teams/{team}/experiments',
    access: 'read',
    query: pageQuery,
    response: pageSchema(experimentSchema),
  },

  createRun: {
    method: 'POST',
    path: `${experiment}/runs`,
    access: 'write',
    body: createRunSchema,
    response: begunRunSchema,
    statuses: [200, 201],
  },
  listRuns: {
    method: 'GET',
    path: `${experiment}/runs`,
    access: 'read',
    query: pageQuery,
    response: pageSchema(runDocumentSchema),
  },
  getRun: {
    method: 'GET',
    path: run,
    access: 'read',
    response: runSchema,
  },
  finishRun: {
    method: 'POST',
    path: `${run}/finish`,
    access: 'write',
    body: finishRunSchema,
    response: runDocumentSchema,
  },
  putLogSegment: {
    method: 'PUT',
    path: `${run}/log/{segment}`,
    access: 'write',
    body: logSegmentSchema,
    response: z.object({ stored: z.boolean() }),
  },
  getLog: {
    method: 'GET',
    path: `${run}/log`,
    access: 'read',
    query: pageQuery,
    response: logPageSchema,
  },
  addInput: {
    method: 'POST',
    path: `${run}/inputs`,
    access: 'write',
    body: versionNameSchema,
    response: edgeSchema,
  },

  listArtifacts: {
    method: 'GET',
    path: `${experiment}/artifacts`,
    access: 'read',
    query: z.extend(pageQuery, { type: z.optional(nameSchema) }),
    response: pageSchema(artifactSchema),
  },
  getArtifact: {
    method: 'GET',
    path: artifact,
    access: 'read',
    response: artifactSchema,
  },
  listVersions: {
    method: 'GET',
    path: `${artifact}/versions`,
    access: 'read',
    query: z.extend(pageQuery, {
      /** Includes deleted versions, which are marked. Default: false. */
      deleted: z.optional(z.enum(['true', 'false'])),
    }),
    response: pageSchema(listedVersionSchema),
  },
  createVersion: {
    method: 'POST',
    path: `${artifact}/versions`,
    access: 'write',
    body: createVersionSchema,
    response: versionRecordSchema,
    statuses: [200, 201],
  },
  putVersion: {
    method: 'PUT',
    path: `${artifact}/versions/{tag}`,
    access: 'write',
    body: createVersionSchema,
    response: versionRecordSchema,
    statuses: [200, 201],
  },
  getVersion: {
    method: 'GET',
    path: version,
    access: 'read',
    response: versionSchema,
  },
  updateVersion: {
    method: 'POST',
    path: `${artifact}/versions/{tag}/update`,
    access: 'write',
    body: updateVersionSchema,
    response: versionRecordSchema,
  },
  getVersionHistory: {
    method: 'GET',
    path: `${version}/history`,
    access: 'read',
    response: versionHistorySchema,
  },
  deleteVersion: {
    method: 'DELETE',
    path: `${artifact}/versions/{tag}`,
    access: 'admin',
    response: tombstoneSchema,
  },
  restoreVersion: {
    method: 'POST',
    path: `${artifact}/versions/{tag}/restore`,
    access: 'admin',
    response: versionRecordSchema,
  },
  applyRetention: {
    method: 'POST',
    path: `${experiment}/retention`,
    access: 'admin',
    body: retentionSchema,
    response: retentionAnswerSchema,
  },
  getManifest: {
    method: 'GET',
    path: `${version}/manifest`,
    access: 'read',
    response: ndjsonMediaType,
    statuses: [200, 206],
  },
  getFile: {
    method: 'GET',
    path: `${version}/files/{path}`,
    access: 'read',
    signable: true,
    query: signedQuerySchema,
    response: 'application/octet-stream',
    statuses: [200, 206],
  },
  makeSignedUrls: {
    method: 'POST',
    path: `${version}/signed-urls`,
    access: 'read',
    body: signedUrlsSchema,
    response: signedUrlsAnswerSchema,
  },
  getArchive: {
    method: 'GET',
    path: `${version}.tar`,
    access: 'read',
    response: 'application/x-tar',
  },
  getLineage: {
    method: 'GET',
    path: `${version}/lineage`,
    access: 'read',
    response: lineageSchema,
  },

  listAliases: {
    method: 'GET',
    path: `${artifact}/aliases`,
    access: 'read',
    response: z.object({ aliases: z.record(aliasNameSchema, tagSchema) }),
  },
  getAlias: {
    method: 'GET',
    path: `${artifact}/aliases/{alias}`,
    access: 'read',
    response: aliasSchema,
  },
  moveAlias: {
    method: 'PUT',
    path: `${artifact}/aliases/{alias}`,
    access: 'write',
    body: moveAliasSchema,
    response: aliasSchema,
  },
} as const satisfies Record<string, Route>

/** The name of a route. */
export type RouteName = keyof typeof routes

/**
 * The path of a request, including the base: every parameter is percent-encoded as one segment, except
 * `path`, whose slashes stay. Throws a `TypeError` if a parameter is missing, and `request_invalid` if a
 * parameter cannot be part of a URL.
 */
export function routePath(name: RouteName, parameters: Record<string, string> = {}): string {
  const path = routes[name].path.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = parameters[key]
    if (value === undefined) throw new TypeError(`The route ${name} needs the parameter ${key}`)
    const segments = key === 'path' ? value.split('/') : [value]
    return segments.map((segment) => encodeSegment(key, segment)).join('/')
  })
  return apiBase + path
}

/** URLs drop `.` and `..` even percent-encoded: such a segment would change the request. */
function encodeSegment(key: string, segment: string): string {
  if (/^\.{0,2}$/.test(segment) || !segment.isWellFormed()) {
    throw new TrackwayError(
      'request_invalid',
      `A URL cannot contain ${JSON.stringify(segment)} as ${key}; use another one`,
    )
  }
  return encodeURIComponent(segment)
}
