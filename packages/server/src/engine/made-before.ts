import {
  digestHex,
  tagNumber,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type VersionRecord,
} from '@trackway/protocol'
import { layout, type ArtifactScope } from '../layout.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import type { Blobs } from './blobs.ts'
import type { ReadCached } from './document-cache.ts'
import { listObjects } from './listing.ts'
import type { Manifests } from './manifests.ts'
import { isVersionDeleted, listNumbers, readRecord } from './version-records.ts'

/** Older than any reservation can be, and so than any version that is still being created. */
const longSettledMs = 2 * 24 * 60 * 60 * 1000

/** What to look for among the existing versions. */
export interface LookBack {
  /** The version that this commit created before. */
  replay?: VersionRecord
  /** The highest number that exists. */
  newest: number
  /** Only versions with a higher number can have made this request unnecessary. */
  since: number
  /** Recent versions that were read. */
  recent: readonly { number: number; digest: Digest }[]
}

/** The fields of a record that identify its commit. */
export type KnownCommit = Pick<VersionRecord, 'commitId' | 'digest'>

/** What the search depends on. */
export interface LookBackContext {
  store: ObjectStore
  /** Records of the last two days, each read once, however many commits look for theirs among them. */
  readCommit: ReadCached<KnownCommit>
}

const concurrentReads = 32

/**
 * Reads the versions that a commit may have created before: those created since its base that are not older,
 * by the store's clock, than a reservation can be.
 */
export async function lookBack(
  context: LookBackContext,
  scope: ArtifactScope,
  { base, since: seen, commitId }: CreateVersion,
): Promise<LookBack> {
  const floor = base ? (tagNumber(base) ?? 0) : 0
  const named = seen === undefined ? base : seen
  let since = named === undefined ? undefined : named === null ? 0 : (tagNumber(named) ?? 0)
  let newest = 0
  const young: { number: number; info: ObjectInfo }[] = []
  for await (const { number, info, deleted } of listNumbers(context.store, scope)) {
    newest = Math.max(newest, number)
    // A request without a base means the latest version.
    if (!deleted) since ??= number - 1
    if (number > floor && info.ageMs <= longSettledMs) young.push({ number, info })
    else if (since !== undefined) break
  }
  const found = { newest, since: since ?? 0 }
  const recent: { number: number; digest: Digest }[] = []
  for await (const { number, commit } of readCommits(context, scope, young)) {
    if (commit.commitId === commitId)
      return { ...found, recent, replay: await readRecord(context.store, scope, number) }
    recent.push({ number, digest: commit.digest })
  }
  return { ...found, recent }
}

/** Commits in the given order, some of which are read at the same time. */
async function* readCommits(
  { store, readCommit }: LookBackContext,
  scope: ArtifactScope,
  young: readonly { number: number; info: ObjectInfo }[],
) {
  const readOne = async (number: number): Promise<KnownCommit> => {
    const { commitId, digest } = await readRecord(store, scope, number)
    return { commitId, digest }
  }
  for (let at = 0; at < young.length; at += concurrentReads) {
    const some = young.slice(at, at + concurrentReads).map(({ number, info }) => {
      const commit = readCommit(info, () => readOne(number))
      commit.catch(() => {}) // Awaited below, unless a newer one matches.
      return { number, commit }
    })
    for (const { number, commit } of some) yield { number, commit: await commit }
  }
}

/** What finding a version with the same content depends on. */
export interface TwinContext {
  store: ObjectStore
  blobs: Blobs
  manifests: Manifests
}

/** The content of a request. */
export interface Content {
  request: CreateVersion
  /** The digest of the version that it would create. */
  digest: Digest
}

/** The newest version created since then that has this content already. */
export async function findTwin(
  context: TwinContext,
  scope: ArtifactScope,
  content: Content,
  { since, newest, recent }: LookBack,
): Promise<VersionRecord | undefined> {
  if (newest <= since) return undefined
  const numbers = new Set(recent.filter(({ digest }) => digest === content.digest).map((each) => each.number))
  // Versions that are not recent have their hint, unless a crash lost it.
  if (newest - since > recent.length) {
    const prefix = layout.digestHints(scope, digestHex(content.digest))
    for await (const { key } of listObjects(context.store, { prefix }))
      numbers.add(Number(key.slice(key.lastIndexOf('/') + 1)))
  }
  for (const number of [...numbers].filter((each) => each > since).sort((a, b) => b - a)) {
    // A client that uploads content does not want a version whose record is damaged.
    const record = await readRecord(context.store, scope, number).catch(unlessDamaged)
    if (record !== undefined && (await isTwin(context, record, content))) return record
  }
  return undefined
}

/** Whether a version matches a request: the same content, complete, not deleted, with the requested tag. */
export async function isTwin(
  context: TwinContext,
  record: VersionRecord,
  { request, digest }: Content,
): Promise<boolean> {
  // Rule: a twin has the same content, and the requested tag.
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
    // The version digest covers only paths and bytes.
    if (ours.traits !== theirs.traits) return false
    // A cached read may be older than the loss.
    if ((await store.head(layout.manifest(team, digest))) === undefined) return false
    return (await blobs.findMissingOf(team, theirs.blobs)).length === 0
  } catch (error) {
    return unlessDamaged(error) ?? false
  }
}

function unlessDamaged(error: unknown): undefined {
  if (TrackwayError.hasCode(error, 'integrity_error', 'manifest_invalid')) return undefined
  throw error
}
