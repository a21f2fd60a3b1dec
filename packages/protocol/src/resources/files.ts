import * as z from 'zod/mini'
import { time } from '../fields.ts'
import { parsePath, pathSchema } from '../paths.ts'
import { tagSchema } from '../revision.ts'
import { versionPath, type Routes } from '../route.ts'

/** Signed URLs of files in one request. */
export const maxSignedUrls = 1_000

/** Maximum lifetime of a signed URL of a file in seconds: a week. */
export const maxSignedUrlSeconds = 604_800

/** The query of a signed URL: all three parameters, or none with an API key. */
export const signedQuerySchema = z.strictObject({
  /** The SHA-256 of the API key that signed it, in hex. */
  key: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  /** When it expires, in seconds since 1970. */
  expires: z.optional(z.string().check(z.regex(/^[1-9]\d{0,11}$/))),
  /** The signature, in base64url. */
  signature: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/))),
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
  expiresAt: z.nullable(time),
  urls: z.array(
    z.object({
      path: pathSchema,
      /** The query of the file's URL (after the `?`), a secret; empty if the server requires no key. */
      query: z.string().check(z.regex(/^[A-Za-z0-9_=&-]*$/), z.maxLength(512)),
    }),
  ),
})

export const fileParameters = { path: { schema: pathSchema, parse: parsePath, example: 'README.md' } }

export const fileRoutes = {
  getFile: {
    method: 'GET',
    path: `${versionPath}/files/{path}`,
    access: 'read',
    signable: true,
    query: signedQuerySchema,
    response: 'application/octet-stream',
    statuses: [200, 206],
  },
  makeSignedUrls: {
    method: 'POST',
    path: `${versionPath}/signed-urls`,
    access: 'read',
    body: signedUrlsSchema,
    response: signedUrlsAnswerSchema,
  },
  getArchive: {
    method: 'GET',
    path: `${versionPath}.tar`,
    access: 'read',
    response: 'application/x-tar',
  },
} as const satisfies Routes

export const fileSummaries: Record<keyof typeof fileRoutes, string> = {
  getFile: 'A file of a version, or a range of it',
  makeSignedUrls:
    'Signed URLs with which other programs can read files of a version for a while, without a key',
  getArchive: 'All files of a version as a tar archive',
}
