import * as z from 'zod/mini'
import { formatVersion, time } from '../fields.ts'
import { nameSchema, parseName } from '../names.ts'
import { pageQuery, pageSchema } from '../page.ts'
import type { Routes } from '../route.ts'

/** Stored: `e/<experiment>.json`, an experiment with its name as it was first written. */
export const experimentDocumentSchema = z.object({
  formatVersion,
  experiment: nameSchema,
  createdAt: time,
  createdBy: nameSchema,
})

/** An experiment. */
export const experimentSchema = z.object({ experiment: nameSchema })

export const experimentParameters = {
  team: { schema: nameSchema, parse: (text: string) => parseName('team', text), example: 'default' },
  experiment: { schema: nameSchema, parse: (text: string) => parseName('experiment', text), example: 'demo' },
}

export const experimentRoutes = {
  listExperiments: {
    method: 'GET',
    path: '/teams/{team}/experiments',
    access: 'read',
    query: pageQuery,
    response: pageSchema(experimentSchema),
  },
} as const satisfies Routes

export const experimentSummaries: Record<keyof typeof experimentRoutes, string> = {
  listExperiments: 'The experiments of a team',
}
