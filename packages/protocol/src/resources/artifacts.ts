import * as z from 'zod/mini'
import { aliasNameSchema, artifactNameSchema, nameSchema, parseArtifactName, parseName } from '../names.ts'
import { pageQuery, pageSchema } from '../page.ts'
import { tagSchema } from '../revision.ts'
import { artifactPath, experimentPath, type Routes } from '../route.ts'
import { versionRecordSchema, type VersionRecord } from './versions.ts'

export const artifactSchema = z.object({
  /** The experiment that it belongs to. */
  experiment: nameSchema,
  /** Such as `dataset`. */
  type: nameSchema,
  /** The name, within its experiment and type. */
  name: artifactNameSchema,
  /** The newest version that is not deleted; null if all are. */
  latest: z.nullable(versionRecordSchema),
  /** Alias to tag. */
  aliases: z.record(aliasNameSchema, tagSchema),
})
/** An artifact, its newest version and its aliases. */
export interface ArtifactSummary extends z.infer<typeof artifactSchema> {
  /** The newest version that is not deleted; null if all are. */
  latest: VersionRecord | null
}

export const artifactParameters = {
  type: { schema: nameSchema, parse: (text: string) => parseName('type', text), example: 'dataset' },
  name: { schema: artifactNameSchema, parse: parseArtifactName, example: 'sample' },
}

export const artifactRoutes = {
  listArtifacts: {
    method: 'GET',
    path: `${experimentPath}/artifacts`,
    access: 'read',
    query: z.extend(pageQuery, { type: z.optional(nameSchema) }),
    response: pageSchema(artifactSchema),
  },
  getArtifact: {
    method: 'GET',
    path: artifactPath,
    access: 'read',
    response: artifactSchema,
  },
} as const satisfies Routes

export const artifactSummaries: Record<keyof typeof artifactRoutes, string> = {
  listArtifacts: 'The artifacts of an experiment',
  getArtifact: 'An artifact, its newest version and its aliases',
}
