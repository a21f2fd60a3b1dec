import * as z from 'zod/mini'
import { formatVersion, time } from '../fields.ts'
import { aliasNameSchema, nameSchema, parseName } from '../names.ts'
import { tagSchema } from '../revision.ts'
import { artifactPath, type Routes } from '../route.ts'

/** Stored: `alias/<alias>/<number>.json`. */
export const aliasMoveSchema = z.object({
  /** The document's format version: 1. */
  formatVersion,
  /** The name of the alias. */
  alias: aliasNameSchema,
  /** The alias's new target; null: it was removed. */
  tag: z.nullable(tagSchema),
  /** ISO 8601, by the server's clock. */
  movedAt: time,
  /** Who moved it. */
  movedBy: nameSchema,
})
/** One move of an alias; the newest one counts. */
export interface AliasMove extends z.infer<typeof aliasMoveSchema> {}

/** Moves an alias, or removes it. */
export const moveAliasSchema = z.strictObject({
  /** The new target; null removes the alias. */
  tag: z.nullable(tagSchema),
  /** The expected current target; null: none. Left out: any. */
  expected: z.optional(z.nullable(tagSchema)),
})

/** An alias and its moves, the newest first. */
export const aliasSchema = z.object({
  /** The current target; null: none. */
  tag: z.nullable(tagSchema),
  history: z.array(aliasMoveSchema),
})
/** An alias and its moves. */
export interface Alias extends z.infer<typeof aliasSchema> {
  /** The newest first. */
  history: AliasMove[]
}

export const aliasParameters = {
  alias: {
    schema: aliasNameSchema,
    parse: (text: string) => parseName('alias', text),
    example: 'production',
  },
}

export const aliasRoutes = {
  listAliases: {
    method: 'GET',
    path: `${artifactPath}/aliases`,
    access: 'read',
    response: z.object({ aliases: z.record(aliasNameSchema, tagSchema) }),
  },
  getAlias: {
    method: 'GET',
    path: `${artifactPath}/aliases/{alias}`,
    access: 'read',
    response: aliasSchema,
  },
  moveAlias: {
    method: 'PUT',
    path: `${artifactPath}/aliases/{alias}`,
    access: 'write',
    body: moveAliasSchema,
    response: aliasSchema,
  },
} as const satisfies Routes

export const aliasSummaries: Record<keyof typeof aliasRoutes, string> = {
  listAliases: 'The aliases of an artifact',
  getAlias: 'Where an alias points, and its moves, the newest first',
  moveAlias: 'Moves an alias, if it points where the client expects',
}
