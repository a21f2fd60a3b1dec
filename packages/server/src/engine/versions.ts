import {
  formatTag,
  parseReference,
  recordSchema,
  tagNumber,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type ReservationAnswer,
  type Tag,
  type VersionRecord,
} from '@trackway/protocol'
import { layout, numberOfKey, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { listArtifactFolders } from './artifact-folders.ts'
import type { Blobs } from './blobs.ts'
import { putDocument, readDocument } from './documents.ts'
import type { Experiments } from './experiments.ts'
import { listObjects } from './listing.ts'
import type { Manifests } from './manifests.ts'
import { nearestHint } from './nearest.ts'

const mostCompared = 1000

/** Who asks, and under which names things go into a new record. */
export interface Author {
  user: string
}

/** The versions of artifacts. */
export interface Versions {
  /** Makes the next version, or finds the one that this commit made before. */
  create(
    place: ArtifactPlace,
    author: Author,
    request: CreateVersion,
  ): Promise<{ record: VersionRecord; created: boolean }>
  /** The version that a reference means. Throws `not_found`, `version_deleted`, `reference_invalid`. */
  resolve(place: ArtifactPlace, reference: string): Promise<VersionRecord>
  /** The newest version that is not deleted; undefined where there is none. */
  latest(place: ArtifactPlace): Promise<VersionRecord | undefined>
  /** Versions that are not deleted, the newest first, older than `before`. */
  list(place: ArtifactPlace, before?: number): AsyncGenerator<VersionRecord>
}

interface Context {
  store: ObjectStore
  blobs: Blobs
  manifests: Manifests
  aliases: Aliases
  experiments: Experiments
  /** Called behind the record: what helps to find the version and can be made again. */
  afterCreate(record: VersionRecord, reservation: string): Promise<void>
}

export function createVersions(context: Context): Versions {
  const { store } = context
  return {
    create: (place, author, request) => createVersion(context, place, { author, request }),
    resolve: async (place, reference) => resolve(context, place, reference),
    latest: (place) => first(listRecords(store, place)),
    list: (place, before) => listRecords(store, place, before),
  }
}

async function first<Item>(items: AsyncIterable<Item>): Promise<Item | undefined> {
  for await (const item of items) return item
  return undefined
}

/** Numbers of versions, the newest first, and whether each is deleted: its tombstone is listed just before it. */
async function* listNumbers(store: ObjectStore, place: ArtifactPlace, before?: number) {
  const after = before === undefined ? {} : { after: layout.record(place, before) }
  let tombstone: number | undefined
  for await (const { key } of listObjects(store, { prefix: layout.versions(place), ...after })) {
    const number = numberOfKey(key)
    if (key.endsWith('.deleted')) tombstone = number
    else yield { number, deleted: tombstone === number }
  }
}

async function* listRecords(store: ObjectStore, place: ArtifactPlace, before?: number) {
  for await (const { number, deleted } of listNumbers(store, place, before)) {
    if (!deleted) yield await readRecord(store, place, number)
  }
}

async function readRecord(store: ObjectStore, place: ArtifactPlace, number: number): Promise<VersionRecord> {
  const record = await readDocument(store, layout.record(place, number), recordSchema)
  if (record !== undefined) return record
  throw new TrackwayError(
    'integrity_error',
    `The record of ${nameOf(place)} ${formatTag(number)} is gone from the store`,
  )
}

function nameOf({ experiment, type, name }: ArtifactPlace): string {
  return `${type}/${name} in experiment ${experiment}`
}

function resolve(context: Context, place: ArtifactPlace, text: string): Promise<VersionRecord> {
  const reference = parseReference(text)
  switch (reference.kind) {
    case 'latest':
      return resolveLatest(context, place)
    case 'tag':
      return resolveTag(context, place, reference.number)
    case 'alias':
      return resolveAlias(context, place, reference.alias)
    case 'digest':
      return resolveDigest(context, place, reference.hex)
  }
}

async function resolveLatest(context: Context, place: ArtifactPlace): Promise<VersionRecord> {
  return (await first(listRecords(context.store, place))) ?? (await refuseArtifact(context, place))
}

async function resolveTag(context: Context, place: ArtifactPlace, number: number): Promise<VersionRecord> {
  const { store } = context
  const [record, tombstone] = await Promise.all([
    readDocument(store, layout.record(place, number), recordSchema),
    store.head(layout.tombstone(place, number)),
  ])
  if (record === undefined) {
    const latest = await resolveLatest(context, place)
    throw new TrackwayError(
      'not_found',
      `${nameOf(place)} has no version ${formatTag(number)}; the latest is ${latest.tag}`,
      {
        details: { latest: latest.tag },
      },
    )
  }
  if (tombstone === undefined) return record
  throw new TrackwayError('version_deleted', `${nameOf(place)} ${record.tag} was deleted`, {
    details: { tag: record.tag },
  })
}

async function resolveAlias(context: Context, place: ArtifactPlace, alias: string): Promise<VersionRecord> {
  const tag = await context.aliases.current(place, alias)
  if (tag !== null) return resolveTag(context, place, tagNumber(tag) ?? 0)
  if ((await first(listNumbers(context.store, place))) === undefined) await refuseArtifact(context, place)
  const existing = Object.keys(await context.aliases.all(place))
  const hint =
    nearestHint(alias, existing) ||
    (existing.length > 0 ? `; it has ${existing.slice(0, 10).join(', ')}` : '')
  throw new TrackwayError('not_found', `${nameOf(place)} has no alias '${alias}'${hint}`, {
    details: { aliases: existing },
  })
}

async function resolveDigest(context: Context, place: ArtifactPlace, hex: string): Promise<VersionRecord> {
  const found = await findByDigest(context.store, place, hex)
  const digests = new Set(found.map((record) => record.digest))
  if (digests.size > 1) {
    throw new TrackwayError(
      'reference_invalid',
      `More than one version of ${nameOf(place)} has a digest that begins with ${hex}; give more digits`,
      {
        details: { digests: [...digests] },
      },
    )
  }
  const [newest] = found
  if (newest !== undefined) return newest
  if ((await first(listNumbers(context.store, place))) === undefined) await refuseArtifact(context, place)
  throw new TrackwayError(
    'not_found',
    `${nameOf(place)} has no version whose digest begins with sha256:${hex}`,
  )
}

/** Versions with such a digest, the newest first: by the hints or, where a crash lost them, by all records. */
async function findByDigest(store: ObjectStore, place: ArtifactPlace, hex: string): Promise<VersionRecord[]> {
  const hinted = new Set<number>()
  for await (const { key } of listObjects(store, { prefix: layout.digestHints(place, hex) })) {
    hinted.add(Number(key.slice(key.lastIndexOf('/') + 1)))
  }
  const found = hinted.size === 0 ? [] : await readMatching(store, place, { hex, only: hinted })
  return found.length > 0 ? found : readMatching(store, place, { hex })
}

async function readMatching(
  store: ObjectStore,
  place: ArtifactPlace,
  { hex, only }: { hex: string; only?: ReadonlySet<number> },
): Promise<VersionRecord[]> {
  const found: VersionRecord[] = []
  for await (const { number, deleted } of listNumbers(store, place)) {
    if (deleted || only?.has(number) === false) continue
    const record = await readRecord(store, place, number)
    if (record.digest.startsWith(`sha256:${hex}`)) found.push(record)
  }
  return found
}

/** Says that there is no such artifact, and which ones are near. */
async function refuseArtifact({ store }: Context, place: ArtifactPlace): Promise<never> {
  const specs: string[] = []
  for await (const { type, name } of listArtifactFolders(store, place)) {
    if (specs.push(`${type}/${name}`) === mostCompared) break
  }
  const hint = nearestHint(`${place.type}/${place.name}`, specs)
  throw new TrackwayError('not_found', `There is no artifact ${nameOf(place)}${hint}`, {
    details: { artifact: `${place.type}/${place.name}` },
  })
}

interface Commit {
  author: Author
  request: CreateVersion
}

async function createVersion(context: Context, place: ArtifactPlace, { author, request }: Commit) {
  const replay = await findCommit(context.store, place, request)
  if (replay !== undefined) return repeat(context, replay, request)
  const answer = await checkReservation(context, place, request)
  await context.experiments.ensure(place, author.user)
  for (;;) {
    const number = await nextNumber(context.store, place, request)
    const record = makeRecord(place, number, { author, request, answer })
    if (await putDocument(context.store, layout.record(place, number), record)) {
      await context.afterCreate(record, request.reservation)
      return { record, created: true }
    }
    // Taken meanwhile: by this very commit, whose reply was lost, or by somebody else.
    const taken = await readRecord(context.store, place, number)
    if (taken.commitId === request.commitId) return repeat(context, taken, request)
  }
}

/** The version is there already; what belongs behind its record may not be, if the first attempt broke off. */
async function repeat({ afterCreate }: Context, record: VersionRecord, { reservation }: CreateVersion) {
  await afterCreate(record, reservation)
  return { record, created: false }
}

/**
 * The version that this commit made before, if it did. Only versions made since its base come into question, and of
 * those none that is older than a reservation can be.
 */
async function findCommit(store: ObjectStore, place: ArtifactPlace, { base, commitId }: CreateVersion) {
  const floor = base ? (tagNumber(base) ?? 0) : 0
  const oldest = Date.now() - 2 * 24 * 60 * 60 * 1000
  for await (const { number } of listNumbers(store, place)) {
    if (number <= floor) return undefined
    const record = await readRecord(store, place, number)
    if (record.commitId === commitId) return record
    if (Date.parse(record.createdAt) < oldest) return undefined
  }
  return undefined
}

async function checkReservation(context: Context, place: ArtifactPlace, request: CreateVersion) {
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
  { blobs, manifests }: Context,
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
  { author, request, answer }: Commit & { answer: ReservationAnswer },
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
    createdAt: new Date().toISOString(),
    createdBy: author.user,
    run: request.run ?? null,
    description: request.description ?? '',
    metadata: request.metadata ?? {},
  }
}
