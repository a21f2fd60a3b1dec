import {
  metadataProblem,
  metricPointSchema,
  storedRunSchema,
  TrackwayError,
  type MetricPoint,
  type Metadata,
  type RunDocument,
  type RunState,
} from '@trackway/protocol'
import pLimit from 'p-limit'
import { layout, nameOfKey, numberOfKey, type ExperimentScope, type RunScope } from '../layout.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { putDocument, readAll, readDocument } from './documents.ts'
import type { Experiments } from './experiments.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'
import { listFolders, listObjects, readAhead, takePage, type PageRequest } from './listing.ts'
import { findInOtherExperiments, whereElse } from './other-experiments.ts'
import { takeTurn } from './pauses.ts'
import { runNameOf } from './run-names.ts'

const maxSegmentBytes = 64 * 1024 * 1024
const segmentsPerPage = 100
const concurrentReads = 32
/** Maximum bytes of the segments of a page, unless it has a single one. */
const pageBytes = 8 * 1024 * 1024

/** Runs: a sequence of states, of which the newest counts, and a log in segments. */
export interface Runs {
  /** Begins a run, or resumes the one with that name, even after it ended. */
  create(scope: ExperimentScope, request: CreateRun): Promise<{ run: RunDocument; created: boolean }>
  /** A run in its current state. Throws `not_found`. */
  get(scope: RunScope): Promise<RunDocument>
  list(scope: ExperimentScope, page: PageRequest): Promise<{ items: RunDocument[]; next?: string }>
  /** Ends a run. */
  finish(scope: RunScope, request: EndRun): Promise<RunDocument>
  /** Appends to the log. False: this segment was stored before. */
  appendLog(scope: RunScope, segment: string, points: readonly MetricPoint[]): Promise<boolean>
  /** The log from a segment on. Throws `not_found`. */
  readLog(scope: RunScope, cursor?: string): Promise<{ points: MetricPoint[]; next?: string }>
  /** One more than the highest step in the newest part of the log; undefined if there is none. */
  nextStep(scope: RunScope): Promise<number | undefined>
}

export interface EndRun {
  state: RunState
  /** Why the run failed or was interrupted. */
  error?: string | undefined
  commitId: string
  /** The `commitId` of the state that is ended; in any other state the run stays as it is. */
  expected?: string | undefined
}

export interface CreateRun {
  run?: string | undefined
  config?: Metadata | undefined
  commitId: string
  user: string
}

export function createRuns(store: ObjectStore, experiments: Experiments, clockAndIds: ClockAndIds): Runs {
  const context = { store, now: () => timeOf(clockAndIds) }
  const get = async (scope: RunScope) => {
    const { run } = await newestState(store, scope)
    return run ?? refuseRun(store, scope)
  }
  return {
    get,
    async create(scope, request) {
      await experiments.ensure(scope, request.user)
      return request.run === undefined
        ? createNamedByServer(context, scope, request)
        : createOrResume(context, { ...scope, run: request.run }, request)
    },
    async list(scope, { cursor, limit }) {
      const after = cursor === undefined ? {} : { after: layout.run({ ...scope, run: cursor }) }
      const folders = listFolders(store, { prefix: layout.runs(scope), ...after })
      const states = readAhead(folders, async (folder) => ({
        folder,
        run: (await newestStateIn(store, `${folder}state/`)).run,
      }))
      const { items, ...page } = await takePage(states, limit, ({ folder }) => nameOfKey(folder))
      return { items: items.flatMap(({ run }) => run ?? []), ...page }
    },
    async finish(scope, { state, error, commitId, expected }) {
      for (;;) {
        const { sequence, run } = await newestState(store, scope)
        if (run === undefined) return get(scope)
        if (run.state === state || (expected !== undefined && run.commitId !== expected)) return run
        const ended: RunDocument = {
          ...withoutError(run),
          state,
          ...(error !== undefined && { error }),
          commitId,
          updatedAt: timeOf(clockAndIds),
        }
        if (await putState(store, layout.runState(scope, sequence + 1), ended)) return ended
      }
    },
    async appendLog(scope, segment, points) {
      await get(scope)
      const lines = points.map((point) => `${JSON.stringify(point)}\n`).join('')
      return store.putIfAbsent(layout.logSegment(scope, segment), new TextEncoder().encode(lines))
    },
    async readLog(scope, cursor) {
      if (cursor === undefined) await get(scope)
      return readLog(store, scope, cursor)
    },
    nextStep: (scope) => findNextStep(store, scope),
  }
}

/** The error for a missing run, with the experiments that have one of that name. */
async function refuseRun(store: ObjectStore, scope: RunScope): Promise<never> {
  const prefixIn = (experiment: string) => layout.run({ ...scope, experiment })
  // A failing suggestion must not hide the error.
  const experiments = await findInOtherExperiments(store, scope, prefixIn).catch(() => [])
  const message = `There is no run ${scope.run} in experiment ${scope.experiment}${whereElse(experiments)}`
  throw new TrackwayError('not_found', message, { details: { run: scope.run, experiments } })
}

interface Context {
  store: ObjectStore
  now: () => string
}

function newestState(store: ObjectStore, scope: RunScope) {
  return newestStateIn(store, layout.runStates(scope))
}

async function newestStateIn(store: ObjectStore, prefix: string) {
  const key = (await store.list({ prefix, limit: 1 })).objects[0]?.key
  if (key === undefined) return { sequence: 0, run: undefined }
  return { sequence: numberOfKey(key), run: await readState(store, key) }
}

async function readState(store: ObjectStore, key: string): Promise<RunDocument | undefined> {
  const stored = await readDocument(store, key, storedRunSchema)
  if (stored === undefined) return undefined
  const { interrupted, ...run } = stored
  return interrupted ? { ...run, state: 'interrupted' } : run
}

/** Stores a state under a free key. False: the key was taken. */
function putState(store: ObjectStore, key: string, run: RunDocument): Promise<boolean> {
  const isInterrupted = run.state === 'interrupted'
  return putDocument(store, key, isInterrupted ? { ...run, state: 'failed', interrupted: true } : run)
}

/**
 * Tries `sable-life-1`, `sable-life-2` and so on. The words come from the commit, so that a retry finds its
 * own run.
 */
async function createNamedByServer({ store, now }: Context, scope: ExperimentScope, request: CreateRun) {
  const words = runNameOf(request.commitId)
  for (let number = 1; ; number += 1) {
    const runScope = { ...scope, run: `${words}-${number}` }
    const run = beginning(runScope, request, now())
    if (await putState(store, layout.runState(runScope, 1), run)) return { run, created: true }
    const first = await readState(store, layout.runState(runScope, 1))
    if (first?.commitId === request.commitId) return { run: first, created: false }
  }
}

async function createOrResume({ store, now }: Context, scope: RunScope, request: CreateRun) {
  for (;;) {
    const { sequence, run } = await newestState(store, scope)
    if (run?.state === 'running' && (request.config === undefined || run.commitId === request.commitId)) {
      return { run, created: false }
    }
    const next = run === undefined ? beginning(scope, request, now()) : resumed(run, request, now())
    if (await putState(store, layout.runState(scope, sequence + 1), next))
      return { run: next, created: run === undefined }
  }
}

function beginning(scope: RunScope, { config, commitId, user }: CreateRun, now: string): RunDocument {
  return {
    formatVersion: 1,
    ...scope,
    state: 'running',
    config: config ?? {},
    commitId,
    createdAt: now,
    createdBy: user,
    updatedAt: now,
  }
}

function resumed(run: RunDocument, { config, commitId }: CreateRun, now: string): RunDocument {
  const merged = { ...run.config, ...config }
  const problem = metadataProblem(merged)
  if (problem) {
    throw new TrackwayError(
      'request_invalid',
      `The config of the run ${run.run}, merged with its earlier config, is not valid: ${problem}`,
    )
  }
  return {
    ...withoutError(run),
    state: 'running',
    config: merged,
    commitId,
    updatedAt: now,
  }
}

/** A state does not inherit the error of the previous one. */
function withoutError(run: RunDocument): RunDocument {
  const { error: _, ...others } = run
  return others
}

async function readLog(store: ObjectStore, scope: RunScope, cursor: string | undefined) {
  const prefix = layout.log(scope)
  const after = cursor === undefined ? {} : { after: `${prefix}${cursor}` }
  const keys: string[] = []
  let bytes = 0
  let next: string | undefined
  for await (const { key, size } of listObjects(store, { prefix, ...after })) {
    bytes += size
    if (keys.length === segmentsPerPage || (keys.length > 0 && bytes > pageBytes)) {
      next = keys.at(-1)?.slice(prefix.length)
      break
    }
    keys.push(key)
  }
  const limit = pLimit(concurrentReads)
  const points = await Promise.all(keys.map((key) => limit(() => readSegment(store, key))))
  return { points: points.flat(), ...(next !== undefined && { next }) }
}

/** Several processes may log to one run; each writes a segment every few seconds. */
const newestSegments = 8

async function findNextStep(store: ObjectStore, scope: RunScope): Promise<number | undefined> {
  let newest: ObjectInfo[] = []
  for await (const segment of listObjects(store, { prefix: layout.log(scope) })) {
    // Ordered by their arrival: a busy writer gives names that are ahead of those of a later one.
    newest = [...newest, segment].sort((a, b) => b.ageMs - a.ageMs).slice(-newestSegments)
  }
  const points = await Promise.all(newest.map(({ key }) => readUndamaged(store, key)))
  const highest = points.flat().reduce((most, { step }) => Math.max(most, step), -1)
  return highest < 0 ? undefined : Math.min(highest + 1, Number.MAX_SAFE_INTEGER)
}

/** A damaged segment is ignored, so that the run can continue. */
async function readUndamaged(store: ObjectStore, key: string): Promise<MetricPoint[]> {
  try {
    return await readSegment(store, key)
  } catch (error) {
    if (TrackwayError.hasCode(error, 'integrity_error')) return []
    throw error
  }
}

const linesAtOnce = 500
/** Reading a point costs as much as this many bytes of a manifest. */
const lineCost = 128

/** The points of a stored log segment. Throws `integrity_error` if it is missing or damaged. */
export async function readSegment(store: ObjectStore, key: string): Promise<MetricPoint[]> {
  const object = await store.get(key)
  if (object === undefined) throw new TrackwayError('integrity_error', `The stored log ${key} is missing`)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readAll(object.body, maxSegmentBytes))
    if (!text.endsWith('\n')) throw new Error('its last line has no end') // An empty one has no line at all.
    const lines = text.split('\n')
    const points: MetricPoint[] = []
    for (let at = 0; at < lines.length; at += linesAtOnce) {
      await takeTurn(lineCost * linesAtOnce)
      for (const line of lines.slice(at, at + linesAtOnce))
        if (line !== '') points.push(metricPointSchema.parse(JSON.parse(line)))
    }
    return points
  } catch (cause) {
    throw new TrackwayError('integrity_error', `The stored log ${key} is damaged`, {
      cause,
      details: { key },
    })
  }
}
