import * as z from 'zod/mini'
import { digestSchema } from '../digest.ts'
import { count, formatVersion, time } from '../fields.ts'
import { nameSchema } from '../names.ts'
import { ndjsonMediaType, versionPath, type Routes } from '../route.ts'

/**
 * Stored: keeps a manifest and its blobs from the sweeper until its version exists. Each request has its own.
 */
export const reservationSchema = z.object({ formatVersion, manifest: digestSchema, createdAt: time })

/** Stored beside a reservation: the answer to its request, and the totals of the manifest. */
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

/** The manifest is stored and kept from the sweeper; these of its blobs are still missing. */
export const manifestAnswerSchema = z.object({ reservation: z.string(), missing: z.array(digestSchema) })
export type ManifestAnswer = z.infer<typeof manifestAnswerSchema>

export const manifestRoutes = {
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
  getManifest: {
    method: 'GET',
    path: `${versionPath}/manifest`,
    access: 'read',
    response: ndjsonMediaType,
    statuses: [200, 206],
  },
} as const satisfies Routes

export const manifestSummaries: Record<keyof typeof manifestRoutes, string> = {
  putManifest:
    'Checks and stores a manifest, keeps what it uses from the sweeper, and says which blobs are missing',
  getManifest: 'The manifest of a version, byte for byte',
}
