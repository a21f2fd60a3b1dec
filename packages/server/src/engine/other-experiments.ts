import { experimentDocumentSchema, foldName } from '@trackway/protocol'
import pLimit from 'p-limit'
import { layout, nameOfKey, type ExperimentScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { readDocument } from './documents.ts'

const mostLookedAt = 100
const mostNamed = 10
const concurrentLooks = 16

/** Other experiments of the team that have objects with such a prefix: ten of the first hundred. */
export async function findInOtherExperiments(
  store: ObjectStore,
  scope: ExperimentScope,
  prefixIn: (experiment: string) => string,
): Promise<string[]> {
  const { objects } = await store.list({ prefix: layout.experiments(scope.team), limit: mostLookedAt })
  const others = objects.filter(({ key }) => nameOfKey(key) !== foldName(scope.experiment))
  const limit = pLimit(concurrentLooks)
  let found = 0
  const names = await Promise.all(
    others.map(({ key }) =>
      limit(async () => {
        if (found >= mostNamed) return undefined
        const prefix = prefixIn(nameOfKey(key))
        if ((await store.list({ prefix, limit: 1 })).objects.length === 0) return undefined
        found += 1
        return (await readDocument(store, key, experimentDocumentSchema))?.experiment
      }),
    ),
  )
  return names.filter((name) => name !== undefined).slice(0, mostNamed)
}

/** The end of a message about something that this experiment lacks. */
export function whereElse(experiments: readonly string[]): string {
  const last = experiments.at(-1)
  if (last === undefined) return ''
  const others = experiments.slice(0, -1)
  return others.length === 0
    ? `; experiment ${last} has it`
    : `; experiments ${others.join(', ')} and ${last} have it`
}
