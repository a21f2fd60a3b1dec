import {
  createManifestParser,
  createSha256,
  defaultLimits,
  reservationAnswerSchema,
  reservationSchema,
  TrackwayError,
  versionDigest,
  type Digest,
  type Limits,
  type Manifest,
  type ManifestAnswer,
  type ReservationAnswer,
} from '@trackway/protocol'
import { layout } from '../layout.ts'
import type { ByteRange, ByteStream, ObjectStore } from '../stores/object-store.ts'
import { createBlobs, type Blobs } from './blobs.ts'
import { checkedBytes } from './checked-bytes.ts'
import { putDocument, readDatedDocument, readDocument } from './documents.ts'
import { createManifestCache } from './manifest-cache.ts'
import { timeOf, type Surroundings } from './surroundings.ts'
import { defaultSweepPatience, waitForSweep, type SweepWatch } from './sweep-marker.ts'

/** How old a reservation may be when a version is made of it: far less than the week that a sweeper leaves it. */
const reservationLifeMs = 24 * 60 * 60 * 1000

/** Stored manifests, and the reservations that keep them from the sweeper. */
export interface Manifests {
  /**
   * Checks a manifest, stores it, reserves what it uses, and says which of its blobs are still to be sent. Blobs that
   * `liveBase` uses are not looked for. Throws `manifest_invalid`, `digest_mismatch`, `sweep_in_progress`.
   */
  put(request: PutManifest): Promise<ManifestAnswer>
  /** Reserves what a stored manifest uses, as storing it does; undefined where a sweep took the manifest. */
  reserve(team: string, digest: Digest): Promise<ManifestAnswer | undefined>
  /** A stored manifest, parsed. Throws `integrity_error` where it is gone or damaged. */
  read(team: string, digest: Digest): Promise<Manifest>
  /** A stored manifest's bytes, checked, or a range of them. Throws `integrity_error` where it is gone or damaged. */
  open(team: string, digest: Digest, range?: ByteRange): Promise<{ size: number; body: ByteStream }>
  /** What a reservation was answered, while it holds; undefined where it is gone, too old or another manifest's. */
  reservation(team: string, id: string, manifest: Digest): Promise<ReservationAnswer | undefined>
  /** Gives up a reservation, once its version exists. */
  release(team: string, id: string): Promise<void>
}

export interface PutManifest {
  team: string
  digest: Digest
  body: ByteStream
  /** A version that is not deleted, so that its blobs cannot go. */
  liveBase?: Manifest | undefined
}

interface Context {
  watch: SweepWatch
  blobs: Blobs
  limits: Limits
}

export function createManifests(context: Context): Manifests {
  const { store } = context.watch
  const cache = createManifestCache()

  async function get(team: string, digest: Digest, range?: ByteRange) {
    const object = await store.get(layout.manifest(team, digest), range)
    if (object !== undefined) return object
    throw new TrackwayError('integrity_error', `The manifest ${digest} is gone from the store`, {
      details: { manifest: digest },
    })
  }

  async function open(team: string, digest: Digest, range?: ByteRange) {
    const { size, body } = await get(team, digest, range)
    if (range !== undefined) return { size, body }
    const details = { manifest: digest, key: layout.manifest(team, digest) }
    return { size, body: checkedBytes(body, { digest, size, what: `The manifest ${digest}`, details }) }
  }

  function read(team: string, digest: Digest): Promise<Manifest> {
    return cache(`${team} ${digest}`, async () => {
      const { body } = await get(team, digest)
      try {
        const reader = readChecked(body, digest, context.limits)
        for await (const _ of reader.bytes);
        return reader.manifest()
      } catch (error) {
        throw damaged(team, digest, error)
      }
    })
  }

  return {
    read,
    open,
    put: (request) => putManifest(context, request, read),
    reserve: (team, digest) =>
      reserve(context, { team, digest, live: undefined, read: () => read(team, digest) }),
    async reservation(team, id, manifest) {
      const [reservation, answer] = await Promise.all([
        readDatedDocument(store, layout.reservation(team, id), reservationSchema),
        // It names as many blobs as the manifest does, if all are missing.
        readDocument(
          store,
          layout.reservationAnswer(team, id),
          reservationAnswerSchema,
          context.limits.manifestBytes,
        ),
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

/** What was right when it was stored and is not now. A store that fails, or a later format, is something else. */
function damaged(team: string, digest: Digest, cause: unknown): unknown {
  const isOfBytes =
    TrackwayError.isInstance(cause) &&
    ['manifest_invalid', 'digest_mismatch', 'too_large'].includes(cause.code)
  if (!isOfBytes) return cause
  const key = layout.manifest(team, digest)
  const problem = `The stored manifest ${digest} is damaged (${key}): ${cause.message}`
  return new TrackwayError('integrity_error', problem, { cause, details: { manifest: digest, key } })
}

/** The manifests of a store for whoever looks after it, under the limits of the format. */
export function createManifestsOf(store: ObjectStore, surroundings: Surroundings): Manifests {
  const watch = { store, surroundings, patience: defaultSweepPatience, lists: new Map() }
  return createManifests({ watch, blobs: createBlobs(watch), limits: defaultLimits })
}

async function putManifest(
  context: Context,
  { team, digest, body, liveBase }: PutManifest,
  read: Manifests['read'],
): Promise<ManifestAnswer> {
  const { store } = context.watch
  const reader = readChecked(body, digest, context.limits)
  const stored = await store.putIfAbsent(layout.manifest(team, digest), reader.bytes)
  const reserved = await reserve(context, {
    team,
    digest,
    live: await trusted(context, team, liveBase),
    read: () => (stored ? Promise.resolve(reader.manifest()) : read(team, digest)),
  })
  if (reserved !== undefined) return reserved
  throw new TrackwayError(
    'sweep_in_progress',
    `A sweep took the manifest ${digest} meanwhile; send it again`,
    { details: { retryAfterSeconds: 1 } },
  )
}

/** A base's blobs are there, unless a check has found one damaged: then nothing is taken on trust. */
async function trusted({ watch }: Context, team: string, base: Manifest | undefined) {
  if (base === undefined) return undefined
  const { objects } = await watch.store.list({ prefix: layout.quarantine(team), limit: 1 })
  return objects.length === 0 ? base : undefined
}

interface Reserving {
  team: string
  digest: Digest
  /** A manifest whose blobs need no look. */
  live: Manifest | undefined
  read: () => Promise<Manifest>
}

/**
 * The order is what keeps a sweeper away. A reservation protects blobs only through a manifest that can be read, so the
 * manifest is looked for behind the reservation, and the marker is read once more before the blobs are.
 */
async function reserve(
  { watch, blobs }: Context,
  { team, digest, live, read }: Reserving,
): Promise<ManifestAnswer | undefined> {
  const { store, surroundings } = watch
  const id = surroundings.newId()
  await putDocument(store, layout.reservation(team, id), {
    formatVersion: 1,
    manifest: digest,
    createdAt: timeOf(surroundings),
  })
  await waitForSweep(watch, team, { manifests: [digest] })
  const info = await store.head(layout.manifest(team, digest))
  if (info === undefined) {
    await store.delete(layout.reservation(team, id))
    return undefined
  }

  const manifest = await read().catch(async (error: unknown) => {
    // What cannot be read protects nothing.
    await store.delete(layout.reservation(team, id))
    throw error
  })
  await waitForSweep(watch, team, { blobs: manifest.blobs.map((blob) => blob.digest) })
  const known = new Map(live?.blobs.map((blob) => [blob.digest, blob.size]))
  const missing = await blobs.findMissingOf(
    team,
    // One of another size is looked for, which finds the manifest wrong.
    manifest.blobs.filter((blob) => known.get(blob.digest) !== blob.size),
  )

  const answer: ReservationAnswer & { formatVersion: 1 } = {
    formatVersion: 1,
    missing,
    digest: versionDigest(manifest.entries),
    manifestSize: info.size,
    files: manifest.header.files,
    bytes: manifest.header.bytes,
  }
  await putDocument(store, layout.reservationAnswer(team, id), answer)
  return { reservation: id, missing }
}

/** Passes a manifest's bytes on while it is checked. They end with an error, so that nothing is stored, if it is bad. */
function readChecked(body: ByteStream, digest: Digest, limits: Limits) {
  const parser = createManifestParser(limits)
  const hash = createSha256()
  let manifest: Manifest | undefined

  async function* checked(): ByteStream {
    for await (const piece of body) {
      hash.update(piece)
      parser.write(piece)
      yield piece
    }
    manifest = parser.end()
    const actual = hash.digest()
    if (actual === digest) return
    throw new TrackwayError(
      'digest_mismatch',
      `The manifest's bytes have the digest ${actual} and not ${digest}`,
      {
        details: { expected: digest, actual },
      },
    )
  }

  return {
    bytes: checked(),
    manifest(): Manifest {
      if (manifest !== undefined) return manifest
      throw new TrackwayError('internal_error', 'The manifest was asked for before all of it was read')
    },
  }
}
