import { experimentDocumentSchema } from '@trackway/protocol'
import { layout, nameOfKey, type ExperimentScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { putDocument, readDocument } from './documents.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'
import { listObjects, readAhead, takePage, type PageRequest } from './listing.ts'

/** Experiments. An experiment exists from its first run or version on. */
export interface Experiments {
  /** Makes sure that an experiment is listed, with its name as it was first written. */
  ensure(scope: ExperimentScope, user: string): Promise<void>
  list(team: string, page: PageRequest): Promise<{ items: { experiment: string }[]; next?: string }>
}

export function createExperiments(store: ObjectStore, clockAndIds: ClockAndIds): Experiments {
  const seen = new Set<string>()
  return {
    async ensure(scope, user) {
      const key = layout.experiment(scope)
      if (seen.has(key)) return
      const document = {
        formatVersion: 1,
        experiment: scope.experiment,
        createdAt: timeOf(clockAndIds),
        createdBy: user,
      }
      await putDocument(store, key, document)
      seen.add(key)
    },
    async list(team, { cursor, limit }) {
      const after = cursor === undefined ? {} : { after: layout.experiment({ team, experiment: cursor }) }
      const objects = listObjects(store, { prefix: layout.experiments(team), ...after })
      const named = readAhead(objects, async ({ key }) => ({
        key,
        experiment: (await readDocument(store, key, experimentDocumentSchema))?.experiment,
      }))
      const { items, ...page } = await takePage(named, limit, ({ key }) => nameOfKey(key))
      return {
        items: items.flatMap(({ experiment }) => (experiment === undefined ? [] : { experiment })),
        ...page,
      }
    },
  }
}
