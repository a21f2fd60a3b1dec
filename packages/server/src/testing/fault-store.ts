import { concatenateBytes, TrackwayError } from '@trackway/protocol'
import { collectBytes, isStream, piecesOf } from '../stores/byte-stream.ts'
import type { ByteStream, ObjectBody, ObjectStore } from '../stores/object-store.ts'

/** An operation that a fault may affect. */
export interface StoreOperation {
  /** Counted from 1. */
  number: number
  /** The method of the port. */
  kind: 'get' | 'head' | 'putIfAbsent' | 'list' | 'delete'
  /** The key, or the prefix of a listing. */
  key: string
}

/**
 * What happens to an operation. All but the last may happen with a store that keeps its promises.
 *
 * - `before`: it fails and has no effect.
 * - `after`: it fails, and has all of its effect: the reply was lost.
 * - `later`: it fails, and has its effect when `releaseLate` is called: the request was still on its way.
 * - `torn`: a put whose stream breaks off half-way; any other operation fails as with `before`.
 * - `crash before`, `crash after`: as above, and every later operation fails without effect: the process is
 * gone.
 * - `stale`: a read does not see the last write. No store may do that; it is for tests that detect it.
 */
export type StoreFault = 'before' | 'after' | 'later' | 'torn' | 'crash before' | 'crash after' | 'stale'

/** A store with injected faults. */
export interface FaultStore {
  store: ObjectStore
  /** The number of operations so far. */
  readonly operations: number
  /** Completes the first late operation, or all of them. */
  releaseLate(count?: number): Promise<void>
}

/** Wraps a store; `decide` chooses the fault of each operation. */
export function createFaultStore(
  store: ObjectStore,
  decide: (operation: StoreOperation) => StoreFault | undefined,
): FaultStore {
  let operations = 0
  let crashed = false
  let lastStored: string | undefined
  const late: (() => Promise<unknown>)[] = []

  async function withFault<Result>(
    { kind, key }: Omit<StoreOperation, 'number'>,
    act: { perform: () => Promise<Result>; tear?: () => Promise<unknown>; stale?: () => Promise<Result> },
  ): Promise<Result> {
    operations += 1
    const fault = crashed ? 'before' : decide({ number: operations, kind, key })
    if (fault === undefined) return act.perform()
    if (fault === 'stale') return (act.stale ?? act.perform)()
    if (fault.startsWith('crash')) crashed = true
    if (fault === 'torn') await act.tear?.().catch(() => undefined)
    if (fault.endsWith('after')) await act.perform()
    if (fault === 'later') late.push(act.perform)
    throw new TrackwayError('store_unavailable', `A fault was injected into ${kind} ${key}: ${fault}`)
  }

  return {
    get operations() {
      return operations
    },
    async releaseLate(count = late.length) {
      for (const perform of late.splice(0, count)) await perform().catch(() => undefined)
    },
    store: {
      description: `${store.description}, with faults`,
      get: (key, range) =>
        withFault(
          { kind: 'get', key },
          {
            perform: () => store.get(key, range),
            stale: () => (key === lastStored ? Promise.resolve(undefined) : store.get(key, range)),
          },
        ),
      head: (key) =>
        withFault(
          { kind: 'head', key },
          {
            perform: () => store.head(key),
            stale: () => (key === lastStored ? Promise.resolve(undefined) : store.head(key)),
          },
        ),
      async putIfAbsent(key, body) {
        // The caller may reuse the memory by the time the bytes arrive.
        const kept = await keep(body)
        const stored = await withFault(
          { kind: 'putIfAbsent', key },
          { perform: () => store.putIfAbsent(key, kept), tear: () => store.putIfAbsent(key, tear(kept)) },
        )
        if (stored) lastStored = key
        return stored
      },
      list: (options) =>
        withFault(
          { kind: 'list', key: options.prefix },
          {
            perform: () => store.list(options),
            async stale() {
              const page = await store.list(options)
              return { ...page, objects: page.objects.filter(({ key }) => key !== lastStored) }
            },
          },
        ),
      delete: (key) => withFault({ kind: 'delete', key }, { perform: () => store.delete(key) }),
    },
  }
}

async function keep(body: ObjectBody): Promise<Uint8Array> {
  return isStream(body)
    ? collectBytes(body)
    : concatenateBytes(piecesOf(body).map((piece) => new Uint8Array(piece)))
}

async function* tear(bytes: Uint8Array): ByteStream {
  yield bytes.subarray(0, Math.floor(bytes.length / 2))
  throw new Error('The connection broke')
}
