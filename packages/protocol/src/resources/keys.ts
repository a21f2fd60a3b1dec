import * as z from 'zod/mini'
import { formatVersion, time } from '../fields.ts'
import { nameSchema } from '../names.ts'
import type { Routes } from '../route.ts'

export const roleSchema = z.enum(['read', 'write', 'admin'])
/** What a key may do in a team: `read`, `write` or `admin`. */
export type Role = z.infer<typeof roleSchema>

const publicKeySchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))

/** Stored: `auth/keys/<sha256>.json`, an API key, of which only the digest is stored. */
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
  addressKey: z.optional(publicKeySchema),
})
/** The stored details of an API key: everything but the key. */
export interface ApiKeyDocument extends z.infer<typeof apiKeyDocumentSchema> {}

/** The owner of the key. */
export const meSchema = z.object({
  user: nameSchema,
  /** The team that is used unless one is named. */
  team: nameSchema,
  /** Team to role; `*` means every team. */
  roles: z.record(z.string(), roleSchema),
})
export type Me = z.infer<typeof meSchema>

export const keyRoutes = {
  getMe: {
    method: 'GET',
    path: '/me',
    access: 'key',
    response: meSchema,
  },
} as const satisfies Routes

export const keySummaries: Record<keyof typeof keyRoutes, string> = {
  getMe: 'Who the key belongs to and what it may do',
}
