import { messageOf, TrackwayError } from '@trackway/protocol'
import type { ObjectStore } from './object-store.ts'
import { conditionChecks, repeatedRace } from './checks/put-checks.ts'
import type { StoreCheck } from './checks/store-check.ts'
import { storeChecks } from './store-checks.ts'

/**
 * Tests whether a store keeps the promises that Trackway relies on, since some ignore a condition silently,
 * or now and then. Sends about 300 requests, or 100 to a local store, which write about
 * 60 small objects under `probe/`, and deletes these. Throws `store_unsuitable`, which names the property and
 * the store; if the store does not answer at all, throws its own error.
 */
export function probeStore(store: ObjectStore): Promise<void> {
  return probe(
    store,
    storeChecks.filter((check) => check.quick && !(store.isLocal && check === repeatedRace)),
  )
}

/**
 * Tests only whether conditions hold, including between racing writers: a store that passed the probe may
 * lose this when it is copied to another provider. About a dozen requests. Throws as `probeStore` does.
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
        ? '. If only one process ever writes to a bucket, exclusiveWriter=true in its location does without'
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
