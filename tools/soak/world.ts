// A store, servers over it and a clock, which all depend on one number.
import { defaultLimits, type FormatDocument } from '@trackway/protocol'
import {
  checkStore,
  createMemoryStore,
  sweepTeam,
  type ObjectStore,
  type SweepOptions,
} from '@trackway/server'
import { createEngine, type Engine } from '@trackway/server/internals'
import {
  createFaultStore,
  type FaultStore,
  type StoreFault,
  type StoreOperation,
} from '@trackway/server/testing'
import {
  commitFiles,
  createOracle,
  createRandom,
  createScheduler,
  type Choose,
  type Files,
  type Oracle,
  type Random,
  type Scheduler,
} from '@trackway/simulation'
import { agingStore } from './stores/aging-store.ts'
import type { TestBucket } from '../s3-servers/test-bucket.ts'
import { watchStore } from './stores/watched-store.ts'

export const scope = { team: 'team', experiment: 'demo', type: 'dataset', name: 'sample' }
export const dayMs = 24 * 60 * 60 * 1000

const format: FormatDocument = {
  formatVersion: 1,
  storeId: '00000000-0000-4000-8000-000000000000',
  features: { read: [], write: [] },
  createdAt: '2026-01-01T00:00:00.000Z',
}

type Decide = (operation: StoreOperation) => StoreFault | undefined

/** A server process: an engine whose operations take turns with those of others, and may fail. */
export interface Server {
  engine: Engine
  faults: FaultStore
  sweep(options?: SweepOptions): ReturnType<typeof sweepTeam>
}

export interface World {
  random: Random
  scheduler: Scheduler
  /** The store, without turns and faults. */
  store: ObjectStore
  oracle: Oracle
  /** `skewMs`: how far its clock is off. */
  startServer(name: string, decide?: Decide, skewMs?: number): Server
  /** A server over another store, without turns and faults of its own. */
  serve(over: ObjectStore): Pick<Server, 'engine'>
  /** Commits files, and reports the commit to the oracle. */
  commit(server: Pick<Server, 'engine'>, files: Files, options?: CommitOptions): Promise<string>
  /** Reads everything back from this store or another, checks its format, and counts the versions. */
  verify(over?: ObjectStore): Promise<number>
}

export interface CommitOptions {
  commitId?: string
  base?: `V${number}`
  attempts?: number
  name?: string
}

export interface WorldOptions {
  choose?: Choose | undefined
  /**
   * Over a real store, in a place of its own. Turns are given as in memory, one operation after the other,
   * where the seed is odd; where it is even many are under way at once, and the store decides which is first.
   */
  bucket?: TestBucket | undefined
  /** Over this store. Default: one in memory. */
  store?: ObjectStore | undefined
}

const mostAtOnce = 16

export function createWorld(seed: number, { choose, bucket, store: given }: WorldOptions = {}): World {
  const random = createRandom(seed)
  const watched = bucket && watchStore(bucket.newStore(), seed % 2 === 1 ? 1 : mostAtOnce)
  const scheduler = createScheduler({
    random,
    choose: choose ?? inBursts(random),
    ...(watched && { settle: watched.settle }),
  })
  const { clockAndIds } = scheduler
  const { now } = clockAndIds
  const store = watched ? agingStore(watched.store, now) : (given ?? createMemoryStore({ now }))
  const oracle = createOracle()
  const patience = { waitMs: 2000, pollMs: 100 }
  const engineOver = (over: ObjectStore, skewMs = 0) => {
    const skewed = { ...clockAndIds, now: () => clockAndIds.now() + skewMs }
    return createEngine({ store: over, limits: defaultLimits, patience, clockAndIds: skewed }, format)
  }

  return {
    random,
    scheduler,
    store,
    oracle,
    startServer(name, decide = () => undefined, skewMs = 0) {
      const faults = createFaultStore(store, decide)
      const over = scheduler.takeTurns(faults.store, name)
      return {
        engine: engineOver(over, skewMs),
        faults,
        sweep: (options) => sweepTeam(over, scope.team, options, clockAndIds),
      }
    },
    async commit(server, files, { commitId = random.uuid(), base, attempts = 20, name = scope.name } = {}) {
      const at = { ...scope, name }
      oracle.attempt(at, commitId, files)
      const wish = base === undefined ? {} : { base }
      const record = await commitFiles(server.engine, { scope: at, files, commitId, wish, attempts })
      oracle.acknowledge(at, record, files)
      return record.tag
    },
    serve: (over) => ({ engine: engineOver(over) }),
    async verify(over = store) {
      const versions = await oracle.verify(engineOver(over))
      const { damages } = await checkStore(over, { readData: true }, clockAndIds)
      // The store was not opened by a server, which would have written its format.
      const real = damages.filter(({ key }) => key !== 'format.json')
      if (real.length > 0) throw new Error(`check finds damage: ${JSON.stringify(real)}`)
      return versions
    },
  }
}

/** Sometimes all move together, sometimes one gets far ahead of the others: different races need either. */
function inBursts(random: Random): Choose {
  const sticky = random.pick([0, 0, 0.8, 0.95])
  return (waiting, last) => {
    const same = waiting.findIndex(({ actor }) => actor === last)
    return same >= 0 && random.chance(sticky) ? same : random.below(waiting.length)
  }
}

/** Errors that are expected because the server or its process is gone. Any other error is a defect. */
export function isExpected(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return expectedCodes.has(code)
}

const expectedCodes = new Set([
  'store_unavailable',
  'sweep_in_progress',
  'sweep_refused',
  'alias_in_use',
  'version_deleted',
  'not_found',
  'tag_conflict',
  'alias_moved',
])

/** Contents that several writers draw from, so that they share blobs and manifests. */
export function drawFiles(random: Random, contents: number): Files {
  const count = 1 + random.below(3)
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `file-${index}`,
      new TextEncoder().encode(`content ${random.below(contents)}`),
    ]),
  )
}
