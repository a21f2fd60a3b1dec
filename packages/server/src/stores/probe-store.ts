import { messageOf, TrackwayError } from '@trackway/protocol'
import type { ObjectStore } from './object-store.ts'
import { conditionChecks, repeatedRace } from './checks/put-checks.ts'
import type { StoreCheck } from './checks/store-check.ts'
import { storeChecks } from './store-checks.ts'

/**
 * Asks a store whether it keeps the promises that Trackway's own rest on, since some ignore a condition without a
 * word, or only now and then. Sends some three hundred requests, a hundred to a store that is local, which write some
 * sixty small objects under `probe/`, and deletes these. Throws `store_unsuitable`, which names the property and the
 * store; where the store does not answer at all, its own error.
 */
export function probeStore(store: ObjectStore): Promise<void> {
  return probe(
    store,
    storeChecks.filter((check) => check.quick && !(store.isLocal && check === repeatedRace)),
  )
}

/**
 * Asks only whether conditions hold, also between racing writers: what a store that was probed may lose by being copied
 * to another provider's. A dozen requests. Throws as `probeStore` does.
 */
export function probeConditions(store: ObjectStore): Promise<void> {
  return probe(store, conditionChecks)
}

async function probe(store: ObjectStore, checks: readonly StoreCheck[]): Promise<void> {
  const written = new Set<string>()
  const recording: ObjectStore = {
    description: store.description,
    get: (key, range) => store.get(key, range),
    head: (key) => store.head(key),
    list: (options) => store.list(options),
    delete: (key) => store.delete(key),
    putIfAbsent(key, body) {
      written.add(key)
      return store.putIfAbsent(key, body)
    },
  }
  const id = crypto.randomUUID().replaceAll('-', '')
  const place = { folder: 'probe/', id }
  const outcomes = await Promise.allSettled(checks.map((check) => check.run(recording, place)))
  const deletions = await Promise.allSettled([...written].map((key) => store.delete(key)))

  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') continue
    if (TrackwayError.isInstance(outcome.reason)) throw outcome.reason
    const reason = messageOf(outcome.reason)
    const check = checks[index]
    const advice =
      check && [...conditionChecks, repeatedRace].includes(check)
        ? '. Where one process alone ever writes to a bucket, exclusiveWriter=true in its address does without'
        : ''
    throw new TrackwayError(
      'store_unsuitable',
      `${store.description} cannot hold a Trackway store. It does not keep this promise: ${check?.property}. ${reason}${advice}`,
      { cause: outcome.reason, details: { property: check?.property } },
    )
  }
  const failed = deletions.find((deletion) => deletion.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
