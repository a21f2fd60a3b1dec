import { sweepListSchema, sweepMarkerSchema, TrackwayError, type Digest } from '@trackway/protocol'
import pLimit from 'p-limit'
import { digestOfKey, layout } from '../../layout.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { putDocument, readDocument } from '../documents.ts'
import { listObjects } from '../listing.ts'
import { createManifestsOf } from '../manifests.ts'
import { mostListBytes } from '../sweep-marker.ts'
import { systemSurroundings, timeOf, type Surroundings } from '../surroundings.ts'
import { graceMs, mark, type MarkContext, type Marked } from './mark.ts'

interface SweepContext extends MarkContext {
  surroundings: Surroundings
}

export interface SweepOptions {
  /** Says what would be deleted, and writes nothing. Default: false. */
  dryRun?: boolean | undefined
  /** Finishes another sweep that is under way, because its process is known to be gone. Default: false. */
  resume?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** What a sweep came to. */
export interface SweepResult {
  /** Versions that keep what they use. */
  versions: number
  /** What was deleted, or would be. */
  blobs: number
  manifests: number
  /** Bytes of both. */
  bytes: number
  /** Reservations that were removed, since nobody came back to them within a week. */
  reservations: number
}

/** A sweep is taken to be left behind, and finished by the next, when it is so old by the store's clock. */
const abandonedMs = 24 * 60 * 60 * 1000
/** A sweep deletes nothing more when it goes on for so long: far from the age at which another takes over. */
const longestSweepMs = 12 * 60 * 60 * 1000
/** Objects that one list names; what is left waits for the next sweep. */
const mostListed = 1_000_000
const concurrentDeletions = 32
const deletionsBetweenLooks = 1000

type Doomed = Map<Digest, { kind: 'blobs' | 'manifests'; size: number }>

/**
 * Deletes what no version and no reservation of a team needs and what is older than a week, by the rules of
 * docs/format.md, from which no step may be left out and none may change its place. Throws `sweep_in_progress`,
 * `sweep_refused`, and whatever keeps the store from being read: then nothing was deleted.
 */
export async function sweepTeam(
  store: ObjectStore,
  team: string,
  options: SweepOptions = {},
  surroundings: Surroundings = systemSurroundings,
): Promise<SweepResult> {
  const context = { store, surroundings, manifests: createManifestsOf(store, surroundings) }
  if (options.dryRun) {
    const { marked, doomed } = await findDoomed(context, team)
    return { versions: marked.versions, ...count(doomed), reservations: 0 }
  }
  await finishOther(context, team, options)
  const { marked, doomed } = await findDoomed(context, team)
  const swept = doomed.size > 0 ? await begin(context, team, { marked, doomed, options }) : doomed
  const reservations = await removeOldReservations(context, team)
  await removeOldLists(context, team)
  return { versions: marked.versions, ...count(swept), reservations }
}

/** Says what is about to be deleted, the list first and then the marker that names it, and goes on to delete it. */
async function begin(
  context: SweepContext,
  team: string,
  sweep: Omit<Finishing, 'list' | 'claim'>,
): Promise<Doomed> {
  const { store, surroundings } = context
  const list = surroundings.newId()
  const createdAt = timeOf(surroundings)
  const kinds = { blobs: listed(sweep.doomed, 'blobs'), manifests: listed(sweep.doomed, 'manifests') }
  await putDocument(store, layout.sweepList(team, list), { formatVersion: 1, ...kinds })
  if (!(await putDocument(store, layout.sweepMarker(team), { formatVersion: 1, list, createdAt })))
    throw inProgress(team)
  return finish(context, team, { list, claim: 0, ...sweep })
}

/** Finishes the sweep whose marker is there, if it is known or old enough to be taken for left behind. */
async function finishOther(context: SweepContext, team: string, options: SweepOptions): Promise<void> {
  const { store } = context
  const marker = await readDocument(store, layout.sweepMarker(team), sweepMarkerSchema)
  if (marker === undefined) return
  const holder = await findHolder(context, team, marker.list)
  if (holder === undefined) return
  if (!options.resume && holder.ageMs < abandonedMs) throw inProgress(team, marker.createdAt)
  const claim = holder.claim + 1
  const key = layout.sweepClaim(team, marker.list, claim)
  // Of several who want to finish it only one may.
  if (!(await putDocument(store, key, {}))) throw inProgress(team)
  const list = await readDocument(store, layout.sweepList(team, marker.list), sweepListSchema, mostListBytes)
  const doomed: Doomed = new Map()
  for (const digest of list?.blobs ?? []) doomed.set(digest, { kind: 'blobs', size: 0 })
  for (const digest of list?.manifests ?? []) doomed.set(digest, { kind: 'manifests', size: 0 })
  await finish(context, team, { list: marker.list, claim, marked: undefined, doomed, options })
}

/** Who has the sweep whose marker is there: who put it (0), or the last one who went on with it; since when. */
async function findHolder({ store }: SweepContext, team: string, list: string) {
  const marker = await store.head(layout.sweepMarker(team))
  if (marker === undefined) return undefined
  let holder = { claim: 0, ageMs: marker.ageMs }
  for await (const { key, ageMs } of listObjects(store, { prefix: layout.sweepClaims(team, list) })) {
    const claim = Number(key.slice(key.lastIndexOf('.') + 1))
    if (claim > holder.claim) holder = { claim, ageMs }
  }
  return holder
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
      if (digest === undefined || marked[kind].has(digest) || ageMs < graceMs) continue
      if (doomed.size < mostListed) doomed.set(digest, { kind, size })
    }
  }
  if (marked.records === 0 && !isEmpty) {
    throw new TrackwayError(
      'sweep_refused',
      `Team ${team} has blobs and no version at all, which is more likely a store that lost its records than one that needs sweeping; nothing was deleted`,
    )
  }
  return { marked, doomed }
}

interface Finishing {
  list: string
  /** 0 for who put the marker, more for those who go on where one broke off. */
  claim: number
  /** The mark that the list was made by; undefined where another process made it. */
  marked: Marked | undefined
  doomed: Doomed
  options: SweepOptions
}

/**
 * Behind the marker: marks again, deletes what is still not needed, and removes the marker once every deletion was
 * answered. Where one fails it stays: the deletion may still happen, and writers have to go on waiting.
 */
async function finish(context: SweepContext, team: string, sweep: Finishing): Promise<Doomed> {
  const { store } = context
  const again = await mark(context, team, { before: sweep.marked })
  const swept: Doomed = new Map([...sweep.doomed].filter(([digest, { kind }]) => !again[kind].has(digest)))
  const keys = [...swept].map(([digest, { kind }]) =>
    kind === 'blobs' ? layout.blob(team, digest) : layout.manifest(team, digest),
  )
  for (let start = 0; start < keys.length; start += deletionsBetweenLooks) {
    sweep.options.signal?.throwIfAborted()
    await makeSureOfSweep(context, team, sweep)
    const limit = pLimit(concurrentDeletions)
    const batch = keys.slice(start, start + deletionsBetweenLooks)
    const outcomes = await Promise.allSettled(batch.map((key) => limit(() => store.delete(key))))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  await store.delete(layout.sweepMarker(team))
  await store.delete(layout.sweepList(team, sweep.list))
  for (let claim = 1; claim <= sweep.claim; claim += 1)
    await store.delete(layout.sweepClaim(team, sweep.list, claim))
  return swept
}

/** A process that slept for a day may find that another one went on with its sweep: then it must not. */
async function makeSureOfSweep(
  context: SweepContext,
  team: string,
  { list, claim }: Finishing,
): Promise<void> {
  const marker = await readDocument(context.store, layout.sweepMarker(team), sweepMarkerSchema)
  const holder = marker?.list === list ? await findHolder(context, team, list) : undefined
  if (holder?.claim === claim && holder.ageMs < longestSweepMs) return
  throw new TrackwayError(
    'sweep_refused',
    `The sweep of team ${team} was taken over by another, or takes too long; what it has not deleted stays. Sweep again`,
  )
}

/** Only behind the deletions: until then they keep what they reserved. */
async function removeOldReservations(context: SweepContext, team: string): Promise<number> {
  const old = await listOlder(context, layout.reservations(team), graceMs)
  // The answer goes last: without its reservation it is worth nothing.
  const reservations = old.filter(({ key }) => key.endsWith('.json'))
  const rest = old.filter(({ key }) => !key.endsWith('.json'))
  for (const { key } of [...reservations, ...rest]) await context.store.delete(key)
  return reservations.length
}

/** Lists of sweeps that ended before they put their marker. */
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

function inProgress(team: string, since?: string): TrackwayError {
  return new TrackwayError(
    'sweep_in_progress',
    `Another sweep of team ${team} is under way${since === undefined ? '' : ` since ${since}`}. Let it end; if its process is known to be gone, finish it with gc --resume`,
  )
}
