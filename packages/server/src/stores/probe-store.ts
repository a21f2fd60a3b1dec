import { TrackwayError } from '@trackway/protocol'
import type { ObjectStore } from './object-store.ts'
import { storeChecks } from './store-checks.ts'

/**
 * Asks a store whether it keeps the promises that Trackway's own rest on, since some ignore a condition without a
 * word. Writes some thirty small objects under `probe/` and deletes them. Throws `store_unsuitable`, which names the
 * property and the store; where the store does not answer at all, its own error.
 */
export async function probeStore(store: ObjectStore): Promise<void> {
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
  const quick = storeChecks.filter((check) => check.quick)
  const outcomes = await Promise.allSettled(quick.map((check) => check.run(recording, place)))
  const deletions = await Promise.allSettled([...written].map((key) => store.delete(key)))

  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') continue
    if (TrackwayError.isInstance(outcome.reason)) throw outcome.reason
    const reason = outcome.reason instanceof Error ? outcome.reason.message : String(outcome.reason)
    throw unsuitable(store, quick[index]?.property ?? '', reason, outcome.reason)
  }
  const failed = deletions.find((deletion) => deletion.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** That a store does not keep a promise, and which one. */
export function unsuitable(
  { description }: ObjectStore,
  property: string,
  reason: string,
  cause?: unknown,
): TrackwayError {
  return new TrackwayError(
    'store_unsuitable',
    `${description} cannot hold a Trackway store. It does not keep this promise: ${property}. ${reason}. If this process is the only one that ever writes to a bucket, add exclusiveWriter=true to its address`,
    { cause, details: { property } },
  )
}
