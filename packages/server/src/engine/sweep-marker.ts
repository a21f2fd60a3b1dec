import { sweepListSchema, TrackwayError, type Digest } from '@trackway/protocol'
import { layout, nameOfKey } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { readDocument } from './documents.ts'
import { listObjects } from './listing.ts'
import type { Surroundings } from './surroundings.ts'

/** What a writer needs to wait for a sweep. */
export interface SweepWatch {
  store: ObjectStore
  patience: SweepPatience
  surroundings: Surroundings
}

/** How long a writer waits for a sweep that is about to delete what it needs. */
export interface SweepPatience {
  /** Milliseconds in all. Default: 20,000. */
  waitMs: number
  /** Milliseconds between two looks. Default: 200. */
  pollMs: number
}

// A list may name every blob of a team.
export const mostListBytes = 256 * 1024 * 1024

export const defaultSweepPatience: SweepPatience = { waitMs: 20_000, pollMs: 200 }

/** What a writer is about to rely on. */
export interface SweepInterest {
  blobs?: readonly Digest[]
  manifests?: readonly Digest[]
}

/**
 * Waits while a sweep of the team lists one of these blobs or manifests, and says whether it had to.
 *
 * The writer's half of the rule that keeps a sweeper from deleting what is being used: each side first writes its own
 * flag (a reservation, a marker), then reads the other's. So this is called behind the write and before the look
 * whether the thing is there. Throws `sweep_in_progress` when patience ends.
 */
export async function waitForSweep(
  { store, patience, surroundings }: SweepWatch,
  team: string,
  interest: SweepInterest,
): Promise<{ waited: boolean }> {
  const deadline = surroundings.now() + patience.waitMs
  for (let waited = false; ; waited = true) {
    if (!(await isListed(store, team, interest))) return { waited }
    if (surroundings.now() >= deadline) {
      throw new TrackwayError(
        'sweep_in_progress',
        `A sweep of team ${team} is deleting unused data that this request needs; try again when it is over`,
        { details: { retryAfterSeconds: 5 } },
      )
    }
    await surroundings.sleep(patience.pollMs)
  }
}

async function isListed(store: ObjectStore, team: string, interest: SweepInterest): Promise<boolean> {
  const wanted = new Set<Digest>([...(interest.blobs ?? []), ...(interest.manifests ?? [])])
  for await (const { key } of listObjects(store, { prefix: layout.sweepMarkers(team) })) {
    const list = await readDocument(
      store,
      layout.sweepList(team, nameOfKey(key)),
      sweepListSchema,
      mostListBytes,
    )
    // A marker whose list cannot be seen might mean anything.
    if (list === undefined) return true
    if ([...list.blobs, ...list.manifests].some((digest) => wanted.has(digest))) return true
  }
  return false
}
