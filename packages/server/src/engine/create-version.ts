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
import type { Blobs } from './blobs.ts'
import { putDocument } from './documents.ts'
import type { Experiments } from './experiments.ts'
import type { Manifests } from './manifests.ts'
import { timeOf, type Surroundings } from './surroundings.ts'
import { deletedVersion, isVersionDeleted, listNumbers, nameOf, readRecord } from './version-records.ts'

/** What making a version rests on. */
export interface CreateContext {
  store: ObjectStore
  blobs: Blobs
  manifests: Manifests
  experiments: Experiments
  surroundings: Surroundings
  /** Called behind the record: what helps to find the version and can be made again. */
  afterCreate(record: VersionRecord, reservation: string): Promise<void>
}

/** Who makes a version, and what was asked for. */
export interface Commit {
  author: { user: string }
  request: CreateVersion
}

/** Makes the next version, or finds the one that this commit made before. */
export async function createVersion(
  context: CreateContext,
  place: ArtifactPlace,
  { author, request }: Commit,
) {
  const { replay, newest } = await findCommit(context.store, place, request)
  if (replay !== undefined) return repeat(context, replay, request)
  const answer = await checkReservation(context, place, request)
  await context.experiments.ensure(place, author.user)
  let looked = newest
  for (;;) {
    const number = await nextNumber(context.store, place, request)
    const meanwhile = await findAmong(context.store, place, request, { above: looked, below: number })
    if (meanwhile !== undefined) return repeat(context, meanwhile, request)
    const record = makeRecord(place, number, {
      author,
      request,
      answer,
      createdAt: timeOf(context.surroundings),
    })
    if (await putDocument(context.store, layout.record(place, number), record)) {
      await context.afterCreate(record, request.reservation)
      return { record, created: true }
    }
    // Taken meanwhile: by this very commit, whose reply was lost, or by somebody else.
    const taken = await readRecord(context.store, place, number)
    if (taken.commitId === request.commitId) return repeat(context, taken, request)
    looked = number
  }
}

/** The version is there already; what belongs behind its record may not be, if the first attempt broke off. */
async function repeat(
  { store, afterCreate }: CreateContext,
  record: VersionRecord,
  { reservation, origin }: CreateVersion,
) {
  await afterCreate(record, reservation)
  // Whoever pushes has no earlier request of their own in mind, but the version that should be here.
  if (origin !== undefined && (await isVersionDeleted(store, record, tagNumber(record.tag) ?? 0)))
    throw deletedVersion(record)
  return { record, created: false }
}

/** Older than any reservation can be, and so than any version that is still being made. */
const longSettledMs = 2 * 24 * 60 * 60 * 1000

/**
 * The version that this commit made before, if it did. Only versions made since its base come into question, and of
 * those none that is older, by the store's clock, than a reservation can be.
 */
async function findCommit(store: ObjectStore, place: ArtifactPlace, { base, commitId }: CreateVersion) {
  const floor = base ? (tagNumber(base) ?? 0) : 0
  let newest = 0
  for await (const { number, ageMs } of listNumbers(store, place)) {
    newest = Math.max(newest, number)
    if (number <= floor || ageMs > longSettledMs) break
    const record = await readRecord(store, place, number)
    if (record.commitId === commitId) return { replay: record, newest }
  }
  return { newest }
}

/** The version that the same commit, sent twice at the same time, made since it was looked for. */
async function findAmong(
  store: ObjectStore,
  place: ArtifactPlace,
  { commitId }: CreateVersion,
  { above, below }: { above: number; below: number },
): Promise<VersionRecord | undefined> {
  for (let number = above + 1; number < below; number += 1) {
    const record = await readRecord(store, place, number)
    if (record.commitId === commitId) return record
  }
  return undefined
}

async function checkReservation(context: CreateContext, place: ArtifactPlace, request: CreateVersion) {
  const answer = await context.manifests.reservation(place.team, request.reservation, request.manifest)
  if (answer === undefined) {
    throw new TrackwayError(
      'reservation_expired',
      `The reservation of the manifest ${request.manifest} is gone or older than a day; store the manifest again`,
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

/** Blobs that were missing and still are; those that came since must have the sizes that the manifest gives them. */
async function stillMissing(
  { blobs, manifests }: CreateContext,
  team: string,
  { manifest, missing }: { manifest: Digest; missing: readonly Digest[] },
): Promise<Digest[]> {
  if (missing.length === 0) return []
  const sent = new Set(missing)
  const { blobs: used } = await manifests.read(team, manifest)
  return blobs.findMissingOf(
    team,
    used.filter(({ digest }) => sent.has(digest)),
  )
}

async function nextNumber(
  store: ObjectStore,
  place: ArtifactPlace,
  { base, tag, onConflict }: CreateVersion,
): Promise<number> {
  let highest: number | undefined
  let latest = 0
  for await (const { number, deleted } of listNumbers(store, place)) {
    highest ??= number
    if (deleted) continue
    latest = number
    break
  }
  const next = (highest ?? 0) + 1
  const from = base ? (tagNumber(base) ?? 0) : 0
  if (from >= next)
    throw new TrackwayError(
      'not_found',
      `${nameOf(place)} has no version ${base} that the new one could be based on`,
    )
  const wanted = tag === undefined ? next : (tagNumber(tag) ?? 0)
  if (wanted > next) {
    throw new TrackwayError(
      'tag_out_of_order',
      `The next version of ${nameOf(place)} is ${formatTag(next)} and not ${tag}`,
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
    files: answer.files,
    bytes: answer.bytes,
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
