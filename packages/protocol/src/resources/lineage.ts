import * as z from 'zod/mini'
import { formatVersion, time } from '../fields.ts'
import { artifactNameSchema, nameSchema } from '../names.ts'
import { tagSchema } from '../revision.ts'
import { runPath, versionPath, type Routes } from '../route.ts'

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

/** Stored: a run read or made a version, which is an edge of the lineage. */
export const edgeSchema = z.object({
  formatVersion,
  run: runNameSchema,
  version: versionNameSchema,
  createdAt: time,
})
export type Edge = z.infer<typeof edgeSchema>

export const lineageSchema = z.object({
  producedBy: z.nullable(runNameSchema),
  usedBy: z.array(runNameSchema),
})
/** The run that made a version and the runs that read it. */
export interface Lineage extends z.infer<typeof lineageSchema> {
  /** The run that made it; null: none. */
  producedBy: RunName | null
  /** The runs that read it. */
  usedBy: RunName[]
}

export const lineageRoutes = {
  addInput: {
    method: 'POST',
    path: `${runPath}/inputs`,
    access: 'write',
    body: versionNameSchema,
    response: edgeSchema,
  },
  getLineage: {
    method: 'GET',
    path: `${versionPath}/lineage`,
    access: 'read',
    response: lineageSchema,
  },
} as const satisfies Routes

export const lineageSummaries: Record<keyof typeof lineageRoutes, string> = {
  addInput: 'Records that a run read a version',
  getLineage: 'Which run made a version and which runs read it',
}
