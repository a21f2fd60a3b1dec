import { TrackwayError, type Session } from '@trackway/sdk'
import * as z from 'zod'

const metricsSchema = z.object({ accuracy: z.number() })

/**
 * Points the alias `best` at a model, unless the one that it points to is as good, and returns whether it
 * did. If two trainings end at once, the one that finds the alias moved compares again: the better model wins
 * in either order.
 */
export async function promote(session: Session, name: string, model: { tag: string; accuracy: number }) {
  for (;;) {
    const { best } = await session.listAliases(name, 'model')
    const rival = (await session.listVersions(name, 'model')).find(({ tag }) => tag === best)
    const { accuracy } = metricsSchema.safeParse(rival?.metadata).data ?? { accuracy: 0 }
    if (rival !== undefined && accuracy >= model.accuracy) return false
    try {
      await session.setAlias(name, 'model', 'best', model.tag, { expected: best ?? null })
      return true
    } catch (error) {
      if (!TrackwayError.hasCode(error, 'alias_moved')) throw error
    }
  }
}
