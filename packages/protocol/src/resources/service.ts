import * as z from 'zod/mini'
import { positive, time } from '../fields.ts'
import { limitsSchema } from '../limits.ts'
import type { Routes } from '../route.ts'

/** The features that a reader or a writer must support before it may use a store. */
export const featuresSchema = z.object({ read: z.array(z.string()), write: z.array(z.string()) })

/** Stored: `format.json`, which store this is. */
export const formatDocumentSchema = z.object({
  formatVersion: positive,
  storeId: z.uuid(),
  /** Names of later rules; a reader or writer that does not know one of them must not use the store. */
  features: featuresSchema,
  createdAt: time,
})
export type FormatDocument = z.infer<typeof formatDocumentSchema>

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
  formatVersion: positive,
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

export const serviceRoutes = {
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
} as const satisfies Routes

export const serviceSummaries: Record<keyof typeof serviceRoutes, string> = {
  getService: 'What this server is, which store it serves, and its limits',
  getHealth: 'Whether the server is running',
  getOpenApi: 'This description',
}
