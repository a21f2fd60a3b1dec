import * as z from 'zod/mini'
import { count, positive } from '../fields.ts'
import { artifactNameSchema, nameSchema } from '../names.ts'
import { tagSchema } from '../revision.ts'
import { experimentPath, type Routes } from '../route.ts'

/** Deletes old versions by rule: those that all the given rules match, and that no alias points at. */
export const retentionSchema = z
  .strictObject({
    /** Only artifacts of this type. Left out: of all types. */
    type: z.optional(nameSchema),
    /** Only the artifact with this name. Left out: all. */
    name: z.optional(artifactNameSchema),
    /** How many of the newest versions of each artifact to keep, at least 1, which is the default. */
    keepLast: z.optional(positive),
    /** Only versions older than this many days. */
    olderThanDays: z.optional(z.number().check(z.nonnegative())),
    /** Reports what would be deleted, and deletes nothing. */
    dryRun: z.optional(z.boolean()),
  })
  .check(
    z.refine(({ keepLast, olderThanDays }) => keepLast !== undefined || olderThanDays !== undefined, {
      error: 'give keepLast, olderThanDays or both',
    }),
  )
/** Rules by which old versions are deleted: those that all the given rules match. */
export interface RetentionRequest extends z.infer<typeof retentionSchema> {}

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
      size: count,
    }),
  ),
  /** How many versions are kept, in the artifacts that were checked. */
  kept: count,
  /** Bytes of blobs and manifests that nothing else uses: what a sweep frees after the grace period. */
  freedBytes: count,
  /** Whether this is only a report, and nothing was deleted. */
  dryRun: z.boolean(),
})
/** What a retention deleted, or would delete. */
export interface RetentionAnswer extends z.infer<typeof retentionAnswerSchema> {}

export const retentionRoutes = {
  applyRetention: {
    method: 'POST',
    path: `${experimentPath}/retention`,
    access: 'admin',
    body: retentionSchema,
    response: retentionAnswerSchema,
  },
} as const satisfies Routes

export const retentionSummaries: Record<keyof typeof retentionRoutes, string> = {
  applyRetention:
    'Deletes versions of an experiment by rule, or reports what would be deleted and how many bytes that frees',
}
