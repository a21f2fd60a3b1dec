import {
  defaultLimits,
  reservationAnswerSchema,
  reservationSchema,
  TrackwayError,
  type Digest,
  type Limits,
  type Manifest,
  type ManifestAnswer,
  type ManifestEntry,
  type ReservationAnswer,
  type VersionRecord,
} from '@trackway/protocol'
import pLimit from 'p-limit'
import { layout } from '../layout.ts'
import { drainBytes } from '../stores/byte-stream.ts'
import type { ByteRange, ByteStream, ObjectStore } from '../stores/object-store.ts'
import { createBlobs, type Blobs } from './blobs.ts'
import { checkedBytes } from './checked-bytes.ts'
import { putDocument, readDatedDocument, readDocument } from './documents.ts'
import { readChecked, weighManifest, weighSummary, type ManifestSummary } from './read-manifest.ts'
import { storedEntries, type StoredEntries } from './stored-entries.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'
import { defaultSweepPatience, waitForSweep, type SweepWatch } from './sweep-marker.ts'
import { createWeighedCache } from './weighed-cache.ts'

/**
 * The maximum age of a reservation when its version is created: far less than the week that a sweeper waits.
 */
const reservationLifeMs = 24 * 60 * 60 * 1000

/** Stored manifests, and the reservations that protect them from the sweeper. */
export interface Manifests {
  /**
   * Checks a manifest, stores it, reserves what it uses, and returns its missing blobs. Blobs that
   * `liveBase` uses are not looked up. Throws `manifest_invalid`, `digest_mismatch`, `sweep_in_progress`.
   */
  put(request: PutManifest): Promise<ManifestAnswer>
  /** Reserves what a stored manifest uses, as storing it does; undefined if a sweep deleted the manifest. */
  reserve(team: string, digest: Digest): Promise<ManifestAnswer | undefined>
  /**
   * A stored manifest, parsed, with all of its entries: for work on a whole store. Requests use the next
   * two, which hold less. Throws `integrity_error` if it is missing or damaged.
   */
  read(team: string, digest: Digest): Promise<Manifest>
  /** A stored manifest without its entries. Throws as `read` does. */
  summarize(team: string, digest: Digest): Promise<ManifestSummary>
  /** The entries of a stored manifest, one at a time. Throws as `read` does. */
  entries(team: string, manifest: VersionRecord['manifest']): StoredEntries
  /**
   * A stored manifest's bytes, checked, or a range of them. Throws `integrity_error` if it is missing or
   * damaged.
   */
  open(team: string, digest: Digest, range?: ByteRange): Promise<{ size: number; body: ByteStream }>
  /**
   * The answer to a reservation while it is valid; undefined if it is missing, too old or another manifest's.
   */
  reservation(team: string, id: string, manifest: Digest): Promise<ReservationAnswer | undefined>
  /** Releases a reservation, once its version exists. */
  release(team: string, id: string): Promise<void>
}

export interface PutManifest {
  team: string
  digest: Digest
  body: ByteStream
  /** A version that is not deleted, so that its blobs cannot disappear. */
  liveBase?: ManifestSummary | undefined
}

interface Context {
  watch: SweepWatch
  blobs: Blobs
  limits: Limits
}

/** How many manifests are parsed at the same time: each may have a million entries. */
const concurrentReads = 4

/** Maximum bytes of cached parsed manifests; summaries without entries may take as much again. */
const keptBytes = 32 * 1024 * 1024

export function createManifests(context: Context): Manifests {
  const { store } = context.watch
  const parsed = createWeighedCache<Manifest>({ most: keptBytes, weigh: weighManifest })
  const summaries = createWeighedCache<ManifestSummary>({ most: keptBytes, weigh: weighSummary })
  const limitReads = pLimit(concurrentReads)

  async function get(team: string, digest: Digest, range?: ByteRange) {
    const object = await store.get(layout.manifest(team, digest), range)
    if (object !== undefined) return object
    throw new TrackwayError('integrity_error', `The manifest ${digest} is missing from the store`, {
      details: { manifest: digest },
    })
  }

  async function open(team: string, digest: Digest, range?: ByteRange) {
    const { size, body } = await get(team, digest, range)
    if (range !== undefined) return { size, body }
    const details = { manifest: digest, key: layout.manifest(team, digest) }
    return { size, body: checkedBytes(body, { digest, size, what: `The manifest ${digest}`, details }) }
  }

  async function check(team: string, digest: Digest, visit?: (entry: ManifestEntry) => void) {
    const { body } = await get(team, digest)
    try {
      const reader = readChecked(body, digest, { limits: context.limits, visit })
      await drainBytes(reader.bytes)
      return reader.summary()
    } catch (error) {
      throw damaged(team, digest, error)
    }
  }

  const summarize = (team: string, digest: Digest) =>
    summaries(`${team} ${digest}`, () => limitReads(() => check(team, digest)))

  const read = (team: string, digest: Digest) =>
    parsed(`${team} ${digest}`, () =>
      limitReads(async () => {
        const entries: ManifestEntry[] = []
        const { header, blobs } = await check(team, digest, (entry) => entries.push(entry))
        return { header, blobs: [...blobs], entries }
      }),
    )

  const entries = storedEntries({
    read,
    get: async (team, digest, range) => (await get(team, digest, range)).body,
    damaged,
  })

  return {
    read,
    summarize,
    entries,
    open,
    put: (request) => putManifest(context, request, summarize),
    reserve: (team, digest) =>
      reserve(context, { team, digest, live: undefined, read: () => summarize(team, digest) }),
    async reservation(team, id, manifest) {
      const [reservation, answer] = await Promise.all([
        readDatedDocument(store, layout.reservation(team, id), reservationSchema),
        readDocument(store, layout.reservationAnswer(team, id), reservationAnswerSchema),
      ])
      if (reservation === undefined || reservation.ageMs > reservationLifeMs) return undefined
      return reservation.document.manifest === manifest ? answer : undefined
    },
    async release(team, id) {
      await Promise.all([
        store.delete(layout.reservation(team, id)),
        store.delete(layout.reservationAnswer(team, id)),
      ])
    },
  }
}

/**
 * An error for data that was valid when it was stored. A failing store, or a later format, is something else.
 */
function damaged(team: string, digest: Digest, cause: unknown): unknown {
  if (!TrackwayError.hasCode(cause, 'manifest_invalid', 'digest_mismatch', 'too_large')) return cause
  const key = layout.manifest(team, digest)
  const problem = `The stored manifest ${digest} is damaged (${key}): ${cause.message}`
  return new TrackwayError('integrity_error', problem, { cause, details: { manifest: digest, key } })
}

/** The manifests of a store for maintenance, with the limits of the format. */
export function createManifestsOf(store: ObjectStore, clockAndIds: ClockAndIds): Manifests {
  const watch = { store, clockAndIds, patience: defaultSweepPatience, lists: new Map() }
  return createManifests({ watch, blobs: createBlobs(watch), limits: defaultLimits })
}

async function putManifest(
  context: Context,
  { team, digest, body, liveBase }: PutManifest,
  summarize: Manifests['summarize'],
): Promise<ManifestAnswer> {
  const { store } = context.watch
  const reader = readChecked(body, digest, { limits: context.limits })
  const stored = await store.putIfAbsent(layout.manifest(team, digest), reader.bytes)
  const reserved = await reserve(context, {
    team,
    digest,
    live: await trusted(context, team, liveBase),
    read: () => (stored ? Promise.resolve(reader.summary()) : summarize(team, digest)),
  })
  if (reserved !== undefined) return reserved
  throw new TrackwayError(
    'sweep_in_progress',
    `A sweep deleted the manifest ${digest} meanwhile; send it again`,
    { details: { retryAfterSeconds: 1 } },
  )
}

/** A base's blobs exist, unless a check has found one damaged: then nothing is assumed. */
async function trusted({ watch }: Context, team: string, base: ManifestSummary | undefined) {
  if (base === undefined) return undefined
  const { objects } = await watch.store.list({ prefix: layout.quarantine(team), limit: 1 })
  return objects.length === 0 ? base : undefined
}

interface Reserving {
  team: string
  digest: Digest
  /** A manifest whose blobs do not have to be looked up. */
  live: ManifestSummary | undefined
  read: () => Promise<ManifestSummary>
}

/**
 * The order is what keeps a sweeper away. A reservation protects blobs only through a readable manifest, so
 * the manifest is looked up after the reservation, and the marker is read once more before the blobs are.
 */
async function reserve(
  { watch, blobs }: Context,
  { team, digest, live, read }: Reserving,
): Promise<ManifestAnswer | undefined> {
  const { store, clockAndIds } = watch
  const id = clockAndIds.newId()
  await putDocument(store, layout.reservation(team, id), {
    formatVersion: 1,
    manifest: digest,
    createdAt: timeOf(clockAndIds),
  })
  await waitForSweep(watch, team, { manifests: [digest] })
  const info = await store.head(layout.manifest(team, digest))
  if (info === undefined) {
    await store.delete(layout.reservation(team, id))
    return undefined
  }

  const manifest = await read().catch(async (error: unknown) => {
    // An unreadable manifest protects nothing.
    await store.delete(layout.reservation(team, id))
    throw error
  })
  await waitForSweep(watch, team, { of: manifest.blobs })
  const missing = await blobs.findMissingOf(team, manifest.blobs, live?.blobs)

  const answer: ReservationAnswer & { formatVersion: 1 } = {
    formatVersion: 1,
    missing,
    digest: manifest.digest,
    manifestSize: info.size,
    files: manifest.header.files,
    bytes: manifest.header.bytes,
  }
  await putDocument(store, layout.reservationAnswer(team, id), answer)
  return { reservation: id, missing }
}
