import * as z from 'zod/mini'
import { digestSchema, parseDigest } from '../digest.ts'
import { time } from '../fields.ts'
import { defaultLimits } from '../limits.ts'
import type { Routes } from '../route.ts'

/** Presigned URLs in one request. */
export const maxPresignedUrls = 1_000

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
  expiresAt: time,
})
export type PresignedUrl = z.infer<typeof presignedUrlSchema>

/** The presigned URLs that could be made; there may be fewer than requested. */
export const presignedUrlsSchema = z.object({
  urls: z.array(presignedUrlSchema).check(z.maxLength(maxPresignedUrls)),
})

export const blobParameters = {
  digest: {
    schema: digestSchema,
    parse: parseDigest,
    example: 'sha256:c6982441872280ac668e79c7300230b57727118208907394b26598d0f6930ffe',
  },
}

export const blobRoutes = {
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
} as const satisfies Routes

export const blobSummaries: Record<keyof typeof blobRoutes, string> = {
  findMissingBlobs:
    'Which of these blobs are not stored; a hint, since only the manifest’s answer is definitive',
  putBlobs:
    'Stores blobs: one part each, named by its digest. Parts that match are stored even if others do not match',
  getBlob: 'The bytes of a blob, or a range of them',
  presignDownloads:
    'Presigned URLs to fetch blobs from the object store itself; none if the server cannot or may not sign',
  presignUploads:
    'Presigned URLs to put blobs into the object store itself, before their manifest is stored; none if the server cannot or may not sign',
}
