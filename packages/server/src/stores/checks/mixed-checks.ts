import type { ObjectStore } from '../object-store.ts'
import { demand, inParallel, listAll, readObject, type StoreCheck } from './store-check.ts'

/** All operations at once. */
export const mixedChecks: StoreCheck[] = [
  {
    property: 'concurrent puts, reads, listings and deletions see whole objects',
    quick: false,
    async run(store, { folder, id }) {
      const kept = Array.from({ length: 20 }, (_, index) => `${folder}${id}-mixed/kept/${index}`)
      const churned = Array.from({ length: 5 }, (_, index) => `${folder}${id}-mixed/churned/${index}`)
      const wins = new Map<string, number>()
      const turns = Array.from({ length: 400 }, (_, turn) => turn)
      await inParallel(turns, 16, async (turn) => {
        const key = kept[turn % kept.length] ?? ''
        if (await store.putIfAbsent(key, uniform(turn))) wins.set(key, (wins.get(key) ?? 0) + 1)
        demand((await store.head(key)) !== undefined, 'An object that a put stored is missing')
        await demandWhole(store, key)
        const churn = churned[turn % churned.length] ?? ''
        if (turn % 3 === 0) await store.delete(churn)
        else await store.putIfAbsent(churn, uniform(turn))
        await demandWhole(store, churn)
        if (turn % 20 === 0) await listAll(store, { prefix: `${folder}${id}-mixed/`, limit: 7 })
      })
      demand(
        kept.every((key) => wins.get(key) === 1),
        'Not exactly one put of each key won',
      )
      const { objects } = await listAll(store, { prefix: `${folder}${id}-mixed/kept/`, limit: 7 })
      demand(objects.length === kept.length, `The listing shows ${objects.length} of ${kept.length} objects`)
    },
  },
]

/**
 * An object that shows by itself whether it is complete: one byte, repeated as often as its value implies.
 */
function uniform(turn: number): Uint8Array {
  return new Uint8Array(2000 + (turn % 256)).fill(turn % 256)
}

async function demandWhole(store: ObjectStore, key: string): Promise<void> {
  const bytes = await readObject(store, key)
  if (bytes === undefined) return
  const value = bytes[0] ?? 0
  const isWhole = bytes.length === 2000 + value && bytes.every((byte) => byte === value)
  demand(isWhole, `${key} is read in a state that was never stored`)
}
