import {
  formatTag,
  tagNumber,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type ReservationAnswer,
  type Tag,
  type VersionRecord,
} from '@trackway/protocol'
import { layout, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { mostMissing, type Blobs } from './blobs.ts'
import type { Experiments } from './experiments.ts'
import { findTwin, isTwin, lookBack, type Content, type LookBackContext } from './made-before.ts'
import type { Manifests } from './manifests.ts'
import { putStoredRecord } from './stored-record.ts'
import { timeOf, type Surroundings } from './surroundings.ts'
import { deletedVersion, isVersionDeleted, listNumbers, nameOf, readRecord } from './version-records.ts'

/** What creating a version depends on. */
export interface CreateContext extends LookBackContext {
  blobs: Blobs
  manifests: Manifests
  experiments: Experiments
  surroundings: Surroundings
  /** Called after the record is stored: adds what helps to find the version and can be recreated. */
  afterCreate(record: VersionRecord, reservation: string): Promise<void>
}

/** Who creates a version, and the request. */
export interface Commit {
  author: {
    user: string
    /** Called before a new version is created. May throw to refuse it. */
    beforeNew?: (() => Promise<void>) | undefined
  }
  request: CreateVersion
}

/**
 * Creates the next version, or returns the one that this commit created before, or one with the same content
 * that another client created since the version that the request is based on.
 *
 * The record is put under the next number only after every version below it was checked. So exactly one of
 * several writers of the same content creates a version, whichever is first.
 */
export async function createVersion(
  context: CreateContext,
  place: ArtifactPlace,
  { author, request }: Commit,
) {
  const { store } = context
  const before = await lookBack(context, place, request)
  if (before.replay !== undefined) return repeat(context, before.replay, request)
  const answer = await checkReservation(context, place, request)
  const content = { request, digest: answer.digest }
  const twin = await findTwin(context, place, content, before)
  if (twin !== undefined) return repeat(context, twin, request)
  await author.beforeNew?.()
  await context.experiments.ensure(place, author.user)
  let looked = before.newest
  for (;;) {
    const newest = await findNewest(store, place)
    const taken = await findAmong(context, place, content, { above: looked, upTo: newest.number })
    if (taken !== undefined) return repeat(context, taken, request)
    looked = newest.number
    const number = nextNumber(place, newest, request)
    const createdAt = timeOf(context.surroundings)
    const record = makeRecord(place, number, { author, request, answer, createdAt })
    if (!(await putStoredRecord(store, layout.record(place, number), record))) continue
    await context.afterCreate(record, request.reservation)
    return { record, created: true }
  }
}

/** The version exists already, but what follows its record may not, if the first attempt was interrupted. */
async function repeat(
  { store, afterCreate }: CreateContext,
  record: VersionRecord,
  { reservation, origin }: CreateVersion,
) {
  await afterCreate(record, reservation)
  // A push does not repeat an earlier request, but means the version that should exist here.
  if (origin !== undefined && (await isVersionDeleted(store, record, tagNumber(record.tag) ?? 0)))
    throw deletedVersion(record)
  return { record, created: false }
}

/**
 * The version, created since the last check, that makes the request unnecessary: of this commit, or with this
 * content.
 */
async function findAmong(
  context: CreateContext,
  place: ArtifactPlace,
  content: Content,
  { above, upTo }: { above: number; upTo: number },
): Promise<VersionRecord | undefined> {
  for (let number = above + 1; number <= upTo; number += 1) {
    const record = await readRecord(context.store, place, number)
    if (record.commitId === content.request.commitId) return record
    if (await isTwin(context, record, content)) return record
  }
  return undefined
}

async function checkReservation(context: CreateContext, place: ArtifactPlace, request: CreateVersion) {
  const answer = await context.manifests.reservation(place.team, request.reservation, request.manifest)
  if (answer === undefined) {
    throw new TrackwayError(
      'reservation_expired',
      `The reservation of the manifest ${request.manifest} is missing or older than a day; store the manifest again`,
    )
  }
  const missing = await stillMissing(context, place.team, {
    manifest: request.manifest,
    missing: answer.missing,
  })
  if (missing.length === 0) return answer
  throw new TrackwayError(
    'blobs_missing',
    `${missing.length} blobs of the manifest are not stored; send them, then make the version`,
    {
      details: { digests: missing.slice(0, 1000), count: missing.length },
    },
  )
}

/**
 * Blobs that were missing and still are; those that arrived since must have the sizes that the manifest
 * states.
 */
async function stillMissing(
  { blobs, manifests }: CreateContext,
  team: string,
  { manifest, missing }: { manifest: Digest; missing: readonly Digest[] },
): Promise<Digest[]> {
  if (missing.length === 0) return []
  const { blobs: used } = await manifests.summarize(team, manifest)
  if (missing.length >= mostMissing) return blobs.findMissingOf(team, used)
  return blobs.findMissingOf(
    team,
    missing.map((digest) => ({ digest, size: used.sizeOf(digest) ?? 0 })),
  )
}

interface Newest {
  /** The highest number that exists; 0: none. */
  number: number
  /** The highest number of a version that is not deleted; 0: none. */
  latest: number
}

async function findNewest(store: ObjectStore, place: ArtifactPlace): Promise<Newest> {
  let highest: number | undefined
  for await (const { number, deleted } of listNumbers(store, place)) {
    highest ??= number
    if (!deleted) return { number: highest, latest: number }
  }
  return { number: highest ?? 0, latest: 0 }
}

/** The number to take. Throws `not_found`, `tag_conflict`, `tag_out_of_order`. */
function nextNumber(
  place: ArtifactPlace,
  { number: newest, latest }: Newest,
  { base, tag, onConflict }: CreateVersion,
): number {
  const next = newest + 1
  const from = base ? (tagNumber(base) ?? 0) : 0
  if (from >= next)
    throw new TrackwayError('not_found', `${nameOf(place)} has no version ${base} to base the new one on`)
  const wanted = tag === undefined ? next : (tagNumber(tag) ?? 0)
  if (wanted > next) {
    throw new TrackwayError(
      'tag_out_of_order',
      `The next version of ${nameOf(place)} is ${formatTag(next)}, not ${tag}`,
      {
        details: { next: formatTag(next) },
      },
    )
  }
  if (wanted < next || (onConflict === 'fail' && latest > from)) {
    const current = formatTag(latest > 0 ? latest : next - 1)
    throw conflict(place, tag ?? formatTag(from + 1), current)
  }
  return next
}

function conflict(place: ArtifactPlace, tag: Tag, current: Tag): TrackwayError {
  return new TrackwayError(
    'tag_conflict',
    `${tag} of ${nameOf(place)} was taken meanwhile; the latest is ${current}`,
    {
      details: { tag, current },
    },
  )
}

function makeRecord(
  place: ArtifactPlace,
  number: number,
  { author, request, answer, createdAt }: Commit & { answer: ReservationAnswer; createdAt: string },
): VersionRecord {
  return {
    formatVersion: 1,
    ...place,
    tag: formatTag(number),
    digest: answer.digest,
    manifest: { digest: request.manifest, size: answer.manifestSize },
    fileCount: answer.files,
    size: answer.bytes,
    base: request.base ?? null,
    commitId: request.commitId,
    createdAt,
    createdBy: author.user,
    run: request.run ?? null,
    description: request.description ?? '',
    metadata: request.metadata ?? {},
    ...(request.origin && { origin: request.origin }),
  }
}
