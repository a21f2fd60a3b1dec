import { TrackwayError, type Digest } from '@trackway/protocol'
import { checkOptions, flag, signal, type KindsOf } from '@trackway/protocol/options'
import pLimit from 'p-limit'
import { digestOfKey, layout, nameOfKey } from '../../layout.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { listObjects } from '../listing.ts'
import { createManifestsOf } from '../manifests.ts'
import { systemClockAndIds, type ClockAndIds } from '../clock-and-ids.ts'
import { announce } from './announce.ts'
import { graceMs, mark, type MarkContext, type Marked } from './mark.ts'

interface SweepContext extends MarkContext {
  clockAndIds: ClockAndIds
}

/** Options of a sweep. */
export interface SweepOptions {
  /** Reports what would be deleted, and writes nothing. Default: false. */
  dryRun?: boolean | undefined
  /**
   * Cleans up after another sweep that seems to be under way, because its process is known to have died.
   * Default: false.
   */
  resume?: boolean | undefined
  /** Ends the sweep, which then throws its reason. */
  signal?: AbortSignal | undefined
}

const optionKinds = { dryRun: flag, resume: flag, signal } satisfies KindsOf<SweepOptions>

/** The result of a sweep. */
export interface SweepResult {
  /** Versions that keep what they use. */
  versions: number
  /** Blobs that were deleted, or would be. */
  blobs: number
  /** Manifests that were deleted, or would be. */
  manifests: number
  /** Bytes of both. */
  bytes: number
  /** Reservations that were removed because no client used them for a week. */
  reservations: number
}

/** The age by the store's clock at which a marker counts as left behind, and the next sweep removes it. */
const abandonedMs = 24 * 60 * 60 * 1000
/** A sweep stops deleting after this time: far from the age at which another takes over. */
const longestSweepMs = 12 * 60 * 60 * 1000
/** The most objects that one list names; the rest waits for the next sweep. */
const mostListed = 200_000
const concurrentDeletions = 32
const deletionsBetweenLooks = 1000

type Doomed = Map<Digest, { kind: 'blobs' | 'manifests'; size: number }>

/**
 * Deletes what no version and no reservation of a team needs and what is older than a week, by the rules of
 * docs/format.md, of which no step may be omitted or moved. Throws `sweep_in_progress`,
 * `sweep_refused`, and whatever keeps the store from being read: then nothing was deleted.
 */
export async function sweepTeam(
  store: ObjectStore,
  team: string,
  options: SweepOptions = {},
  clockAndIds: ClockAndIds = systemClockAndIds,
): Promise<SweepResult> {
  checkOptions('sweepTeam', options, optionKinds)
  const context = { store, clockAndIds, manifests: createManifestsOf(store, clockAndIds) }
  if (options.dryRun) {
    const { marked, doomed } = await findDoomed(context, team)
    return { versions: marked.versions, ...count(doomed), reservations: 0 }
  }
  await clearOthers(context, team, options)
  const { marked, doomed } = await findDoomed(context, team)
  const kinds = { blobs: listed(doomed, 'blobs'), manifests: listed(doomed, 'manifests') }
  const swept =
    doomed.size === 0
      ? doomed
      : await announce(context, { team, doomed: kinds }, (id) =>
          finish(context, team, { id, marked, doomed, options }),
        )
  const reservations = await removeOldReservations(context, team)
  await removeOldLists(context, team)
  return { versions: marked.versions, ...count(swept), reservations }
}

/**
 * Makes sure that no other sweep is under way, which would only do the same work. Removes what interrupted
 * sweeps left: it makes writers wait for nothing.
 */
async function clearOthers({ store }: SweepContext, team: string, options: SweepOptions): Promise<void> {
  for await (const { key, ageMs } of listObjects(store, { prefix: layout.sweepMarkers(team) })) {
    if (!options.resume && ageMs < abandonedMs) throw inProgress(team, ageMs)
    await store.delete(key)
    await store.delete(layout.sweepList(team, nameOfKey(key)))
  }
}

/** What is neither marked nor young. */
async function findDoomed(context: SweepContext, team: string): Promise<{ marked: Marked; doomed: Doomed }> {
  const { store } = context
  const marked = await mark(context, team)
  const doomed: Doomed = new Map()
  let isEmpty = true
  for (const kind of ['blobs', 'manifests'] as const) {
    for await (const { key, size, ageMs } of listObjects(store, { prefix: layout[kind](team) })) {
      isEmpty = false
      const digest = digestOfKey(key)
      if (digest === undefined || marked[kind].has(digest)) continue
      // Rule: nothing younger than a week is swept.
      if (ageMs < graceMs) continue
      if (doomed.size < mostListed) doomed.set(digest, { kind, size })
    }
  }
  if (marked.records === 0 && !isEmpty) {
    throw new TrackwayError(
      'sweep_refused',
      `Team ${team} has blobs but no versions, so the store has more likely lost its records than that it needs sweeping; nothing was deleted`,
    )
  }
  return { marked, doomed }
}

interface Finishing {
  id: string
  /** The mark that the list was made from. */
  marked: Marked
  doomed: Doomed
  options: SweepOptions
}

/**
 * After the marker is stored: marks again, and deletes what is still unused. Throws if a deletion fails, so
 * that the marker stays: the deletion may still happen, and writers have to wait longer.
 */
async function finish(context: SweepContext, team: string, sweep: Finishing): Promise<Doomed> {
  const { store } = context
  // Rule: a sweep marks again after its marker is stored, and keeps what is needed by then.
  const again = await mark(context, team, { before: sweep.marked })
  const swept: Doomed = new Map([...sweep.doomed].filter(([digest, { kind }]) => !again[kind].has(digest)))
  const keys = [...swept].map(([digest, { kind }]) =>
    kind === 'blobs' ? layout.blob(team, digest) : layout.manifest(team, digest),
  )
  for (let start = 0; start < keys.length; start += deletionsBetweenLooks) {
    sweep.options.signal?.throwIfAborted()
    await makeSureOfMarker(context, team, sweep.id)
    const limit = pLimit(concurrentDeletions)
    const batch = keys.slice(start, start + deletionsBetweenLooks)
    const outcomes = await Promise.allSettled(batch.map((key) => limit(() => store.delete(key))))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    // Rule: the marker stays if a deletion failed, since it may still happen.
    if (failed !== undefined) throw failed.reason
  }
  return swept
}

/**
 * If a process slept for a day, its marker may have been removed as left behind: then it must not continue.
 */
async function makeSureOfMarker({ store }: SweepContext, team: string, id: string): Promise<void> {
  const marker = await store.head(layout.sweepMarker(team, id))
  if (marker !== undefined && marker.ageMs < longestSweepMs) return
  throw new TrackwayError(
    'sweep_refused',
    `The sweep of team ${team} has lost its marker or takes too long; what it has not deleted is kept. Sweep again`,
  )
}

/** Only after the deletions: until then they keep what they reserved. */
async function removeOldReservations(context: SweepContext, team: string): Promise<number> {
  const old = await listOlder(context, layout.reservations(team), graceMs)
  // The answer is deleted last: without its reservation it is worthless.
  const reservations = old.filter(({ key }) => key.endsWith('.json'))
  const rest = old.filter(({ key }) => !key.endsWith('.json'))
  for (const { key } of [...reservations, ...rest]) await context.store.delete(key)
  return reservations.length
}

/** Lists of sweeps that ended before they stored their marker. */
async function removeOldLists(context: SweepContext, team: string): Promise<void> {
  for (const { key } of await listOlder(context, layout.sweepLists(team), graceMs))
    await context.store.delete(key)
}

async function listOlder({ store }: SweepContext, prefix: string, ageMs: number): Promise<ObjectInfo[]> {
  const old: ObjectInfo[] = []
  for await (const info of listObjects(store, { prefix })) if (info.ageMs >= ageMs) old.push(info)
  return old
}

function listed(doomed: Doomed, kind: 'blobs' | 'manifests'): Digest[] {
  return [...doomed].flatMap(([digest, { kind: of }]) => (of === kind ? digest : []))
}

function count(doomed: Doomed): Pick<SweepResult, 'blobs' | 'manifests' | 'bytes'> {
  const bytes = [...doomed.values()].reduce((sum, { size }) => sum + size, 0)
  return { blobs: listed(doomed, 'blobs').length, manifests: listed(doomed, 'manifests').length, bytes }
}

function inProgress(team: string, ageMs: number): TrackwayError {
  const minutes = Math.round(ageMs / 60_000)
  return new TrackwayError(
    'sweep_in_progress',
    `Another sweep of team ${team} has been under way for ${minutes} minutes. Let it end; if its process is known to have died, clean up after it with gc --resume`,
  )
}
