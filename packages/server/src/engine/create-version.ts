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
import { layout, type ArtifactScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { mostMissing, type Blobs } from './blobs.ts'
import type { Experiments } from './experiments.ts'
import { findTwin, isTwin, lookBack, type Content, type LookBackContext } from './made-before.ts'
import type { Manifests } from './manifests.ts'
import { putStoredRecord } from './stored-record.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'
import { deletedVersion, isVersionDeleted, listNumbers, nameOf, readRecord } from './version-records.ts'

/** What creating a version depends on. */
export interface CreateContext extends LookBackContext {
  blobs: Blobs
  manifests: Manifests
  experiments: Experiments
  clockAndIds: ClockAndIds
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
  scope: ArtifactScope,
  { author, request }: Commit,
) {
  const { store } = context
  const before = await lookBack(context, scope, request)
  // Rule: a repeated commit returns the version that it created.
  if (before.replay !== undefined) return repeat(context, before.replay, request)
  const answer = await checkReservation(context, scope, request)
  const content = { request, digest: answer.digest }
  const twin = await findTwin(context, scope, content, before)
  if (twin !== undefined) return repeat(context, twin, request)
  await author.beforeNew?.()
  await context.experiments.ensure(scope, author.user)
  let looked = before.newest
  for (;;) {
    const newest = await findNewest(store, scope)
    const taken = await findAmong(context, scope, content, { above: looked, upTo: newest.number })
    if (taken !== undefined) return repeat(context, taken, request)
    looked = newest.number
    const number = nextNumber(scope, newest, request)
    const createdAt = timeOf(context.clockAndIds)
    const record = makeRecord(scope, number, { author, request, answer, createdAt })
    if (!(await putStoredRecord(store, layout.record(scope, number), record))) continue
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
  scope: ArtifactScope,
  content: Content,
  { above, upTo }: { above: number; upTo: number },
): Promise<VersionRecord | undefined> {
  for (let number = above + 1; number <= upTo; number += 1) {
    const record = await readRecord(context.store, scope, number)
    // Rule: a version is the writer's own only if it has the writer's commit id.
    if (record.commitId === content.request.commitId) return record
    // Rule: content that another writer committed meanwhile is not committed twice.
    if (await isTwin(context, record, content)) return record
  }
  return undefined
}

async function checkReservation(context: CreateContext, scope: ArtifactScope, request: CreateVersion) {
  const answer = await context.manifests.reservation(scope.team, request.reservation, request.manifest)
  if (answer === undefined) {
    throw new TrackwayError(
      'reservation_expired',
      `The reservation of the manifest ${request.manifest} is missing or older than a day; store the manifest again`,
    )
  }
  const missing = await stillMissing(context, scope.team, {
    manifest: request.manifest,
    missing: answer.missing,
  })
  // Rule: a version is created only after its blobs are stored.
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

async function findNewest(store: ObjectStore, scope: ArtifactScope): Promise<Newest> {
  let highest: number | undefined
  for await (const { number, deleted } of listNumbers(store, scope)) {
    highest ??= number
    if (!deleted) return { number: highest, latest: number }
  }
  return { number: highest ?? 0, latest: 0 }
}

/** The number to take. Throws `not_found`, `tag_conflict`, `tag_out_of_order`. */
function nextNumber(
  scope: ArtifactScope,
  { number: newest, latest }: Newest,
  { base, tag, onConflict }: CreateVersion,
): number {
  const next = newest + 1
  const from = base ? (tagNumber(base) ?? 0) : 0
  if (from >= next)
    throw new TrackwayError('not_found', `${nameOf(scope)} has no version ${base} to base the new one on`)
  const wanted = tag === undefined ? next : (tagNumber(tag) ?? 0)
  if (wanted > next) {
    throw new TrackwayError(
      'tag_out_of_order',
      `The next version of ${nameOf(scope)} is ${formatTag(next)}, not ${tag}`,
      {
        details: { next: formatTag(next) },
      },
    )
  }
  if (wanted < next || (onConflict === 'fail' && latest > from)) {
    const current = formatTag(latest > 0 ? latest : next - 1)
    throw conflict(scope, tag ?? formatTag(from + 1), current)
  }
  return next
}

function conflict(scope: ArtifactScope, tag: Tag, current: Tag): TrackwayError {
  return new TrackwayError(
    'tag_conflict',
    `${tag} of ${nameOf(scope)} was taken meanwhile; the latest is ${current}`,
    {
      details: { tag, current },
    },
  )
}

function makeRecord(
  scope: ArtifactScope,
  number: number,
  { author, request, answer, createdAt }: Commit & { answer: ReservationAnswer; createdAt: string },
): VersionRecord {
  return {
    formatVersion: 1,
    ...scope,
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
