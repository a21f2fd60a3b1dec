import {
  digestHex,
  tagNumber,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type VersionRecord,
} from '@trackway/protocol'
import { layout, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'
import { listObjects } from './listing.ts'
import type { Manifests } from './manifests.ts'
import { isVersionDeleted, listNumbers, readRecord } from './version-records.ts'

/** Older than any reservation can be, and so than any version that is still being made. */
const longSettledMs = 2 * 24 * 60 * 60 * 1000

/** What a request is looked for by among the versions that exist. */
export interface LookBack {
  /** The version that this very commit made before. */
  replay?: VersionRecord
  /** The highest number that exists. */
  newest: number
  /** Only versions with a higher number can have made this request needless. */
  since: number
  /** Recent versions that were read. */
  recent: readonly { number: number; digest: Digest }[]
}

/**
 * Reads the versions that a commit may have made before: those made since its base, and of those none that is older, by
 * the store's clock, than a reservation can be.
 */
export async function lookBack(
  store: ObjectStore,
  place: ArtifactPlace,
  { base, since: seen, commitId }: CreateVersion,
): Promise<LookBack> {
  const floor = base ? (tagNumber(base) ?? 0) : 0
  const named = seen === undefined ? base : seen
  let since = named === undefined ? undefined : named === null ? 0 : (tagNumber(named) ?? 0)
  let newest = 0
  const recent: { number: number; digest: Digest }[] = []
  for await (const { number, ageMs, deleted } of listNumbers(store, place)) {
    newest = Math.max(newest, number)
    // Anyone who names no version means the latest one.
    if (!deleted) since ??= number - 1
    if (number <= floor || ageMs > longSettledMs) {
      if (since === undefined) continue
      break
    }
    const record = await readRecord(store, place, number)
    if (record.commitId === commitId) return { replay: record, newest, since: since ?? 0, recent }
    recent.push({ number, digest: record.digest })
  }
  return { newest, since: since ?? 0, recent }
}

/** What finding a version with the same content rests on. */
export interface TwinContext {
  store: ObjectStore
  blobs: Blobs
  manifests: Manifests
}

/** What a request brings. */
export interface Content {
  request: CreateVersion
  /** Of the version that it would make. */
  digest: Digest
}

/** The newest version made since then that has this content already. */
export async function findTwin(
  context: TwinContext,
  place: ArtifactPlace,
  content: Content,
  { since, newest, recent }: LookBack,
): Promise<VersionRecord | undefined> {
  if (newest <= since) return undefined
  const numbers = new Set(recent.filter(({ digest }) => digest === content.digest).map((each) => each.number))
  // What is not recent has its hint, unless a crash lost it.
  if (newest - since > recent.length) {
    const prefix = layout.digestHints(place, digestHex(content.digest))
    for await (const { key } of listObjects(context.store, { prefix }))
      numbers.add(Number(key.slice(key.lastIndexOf('/') + 1)))
  }
  for (const number of [...numbers].filter((each) => each > since).sort((a, b) => b - a)) {
    // A record that is damaged is not what anyone who uploads its content wants.
    const record = await readRecord(context.store, place, number).catch(unlessDamaged)
    if (record !== undefined && (await isTwin(context, record, content))) return record
  }
  return undefined
}

/** Whether a version is what a request brings: the same content, whole, not deleted, under the tag that is asked for. */
export async function isTwin(
  context: TwinContext,
  record: VersionRecord,
  { request, digest }: Content,
): Promise<boolean> {
  if (record.digest !== digest || (request.tag !== undefined && request.tag !== record.tag)) return false
  if (await isVersionDeleted(context.store, record, tagNumber(record.tag) ?? 0)) return false
  return record.manifest.digest === request.manifest || hasSameEntries(context, record, request.manifest)
}

/** Whether a version with another manifest has the same entries, and the blobs for them. */
async function hasSameEntries(
  { store, blobs, manifests }: TwinContext,
  { team, manifest: { digest } }: VersionRecord,
  mine: Digest,
): Promise<boolean> {
  try {
    const [ours, theirs] = await Promise.all([
      manifests.summarize(team, mine),
      manifests.summarize(team, digest),
    ])
    // The version digest covers paths and bytes alone.
    if (ours.traits !== theirs.traits) return false
    // What was read may have been read before it was lost.
    if ((await store.head(layout.manifest(team, digest))) === undefined) return false
    return (await blobs.findMissingOf(team, theirs.blobs)).length === 0
  } catch (error) {
    return unlessDamaged(error) ?? false
  }
}

function unlessDamaged(error: unknown): undefined {
  if (TrackwayError.isInstance(error) && ['integrity_error', 'manifest_invalid'].includes(error.code))
    return undefined
  throw error
}
