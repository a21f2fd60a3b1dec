import { sweepListSchema, TrackwayError, type Digest } from '@trackway/protocol'
import { layout, nameOfKey } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { readDocument } from './documents.ts'
import { listObjects } from './listing.ts'
import { inTurns } from './pauses.ts'
import type { ClockAndIds } from './clock-and-ids.ts'

/** What a writer needs to wait for a sweep. */
export interface SweepWatch {
  store: ObjectStore
  patience: SweepPatience
  clockAndIds: ClockAndIds
  /** The content of the lists of sweeps under way, by their ids: a list never changes, and may be long. */
  lists: Map<string, ReadonlySet<Digest>>
}

/** How long a writer waits for a sweep that is about to delete what it needs. */
export interface SweepPatience {
  /** Milliseconds in total. Default: 20,000. */
  waitMs: number
  /** Milliseconds between two checks. Default: 200. */
  pollMs: number
}

// A list may name every blob of a team.
export const mostListBytes = 256 * 1024 * 1024

export const defaultSweepPatience: SweepPatience = { waitMs: 20_000, pollMs: 200 }

/** What a writer is about to rely on. */
export interface SweepInterest {
  blobs?: readonly Digest[]
  /** Blobs of a manifest, of which there may be millions. */
  of?: Iterable<{ digest: Digest }>
  manifests?: readonly Digest[]
}

/**
 * Waits while a sweep of the team lists one of these blobs or manifests, and returns whether it had to.
 *
 * The writer's half of the rule that keeps a sweeper from deleting what is being used: each side first writes
 * its own flag (a reservation, a marker), then reads the other's. So this is called after the write and
 * before the check whether the object exists. Throws `sweep_in_progress` if the patience runs out.
 */
export async function waitForSweep(
  watch: SweepWatch,
  team: string,
  interest: SweepInterest,
): Promise<{ waited: boolean }> {
  const { patience, clockAndIds } = watch
  const deadline = clockAndIds.now() + patience.waitMs
  for (let waited = false; ; waited = true) {
    // Rule: a writer waits while a sweep may delete what it needs.
    if (!(await isListed(watch, team, interest))) return { waited }
    if (clockAndIds.now() >= deadline) {
      throw new TrackwayError(
        'sweep_in_progress',
        `A sweep of team ${team} is deleting unused data that this request needs; try again when it is over`,
        { details: { retryAfterSeconds: 5 } },
      )
    }
    await clockAndIds.sleep(patience.pollMs)
  }
}

async function isListed(watch: SweepWatch, team: string, interest: SweepInterest): Promise<boolean> {
  const wanted = [...(interest.blobs ?? []), ...(interest.manifests ?? [])]
  const seen = new Set<string>()
  for await (const { key } of listObjects(watch.store, { prefix: layout.sweepMarkers(team) })) {
    seen.add(key)
    const list = watch.lists.get(key) ?? (await readList(watch, team, key))
    // A marker without a readable list might mean anything.
    if (list === undefined || wanted.some((digest) => list.has(digest))) return true
    if (await hasOne(list, interest.of ?? [])) return true
  }
  for (const key of watch.lists.keys())
    if (key.startsWith(layout.sweepMarkers(team)) && !seen.has(key)) watch.lists.delete(key)
  return false
}

async function hasOne(list: ReadonlySet<Digest>, blobs: Iterable<{ digest: Digest }>): Promise<boolean> {
  for await (const some of inTurns(blobs)) if (some.some(({ digest }) => list.has(digest))) return true
  return false
}

async function readList(
  { store, lists }: SweepWatch,
  team: string,
  marker: string,
): Promise<ReadonlySet<Digest> | undefined> {
  const key = layout.sweepList(team, nameOfKey(marker))
  const list = await readDocument(store, key, sweepListSchema, mostListBytes)
  if (list === undefined) return undefined
  const doomed = new Set<Digest>([...list.blobs, ...list.manifests])
  lists.set(marker, doomed)
  return doomed
}
