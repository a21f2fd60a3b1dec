import {
  createSha256,
  digestHex,
  TrackwayError,
  type BlobsAnswer,
  type Digest,
  type ManifestBlob,
} from '@trackway/protocol'
import pLimit from 'p-limit'
import { layout } from '../layout.ts'
import type { BlobList } from './blob-table.ts'
import { checkedBytes } from './checked-bytes.ts'
import { inTurns, takeTurn } from './pauses.ts'
import type { ByteRange, ObjectStore } from '../stores/object-store.ts'
import { waitForSweep, type SweepWatch } from './sweep-marker.ts'

const concurrentLooks = 64

/** The most blobs that are reported as missing. If there are this many, there may be more. */
export const mostMissing = 50_000

/** Bytes that should have a digest, in pieces. */
export interface ClaimedBlob {
  digest: Digest
  pieces: readonly Uint8Array[]
}

/** Blobs of a version that is not deleted. */
export type LiveBlobs = Pick<BlobList, 'sizeOf'>

/** The blobs of all teams. */
export interface Blobs {
  /** Which of these blobs are not stored, in the order of the request. */
  findMissing(team: string, digests: readonly Digest[]): Promise<Digest[]>
  /** At most 50,000 missing blobs of a manifest. Throws `manifest_invalid` if a size differs. */
  findMissingOf(team: string, blobs: Iterable<ManifestBlob>, live?: LiveBlobs): Promise<Digest[]>
  /**
   * Stores blobs as they arrive. Throws `digest_mismatch` naming those that do not match; the others stay
   * stored. Throws `request_invalid` for an empty one.
   */
  put(team: string, blobs: AsyncIterable<ClaimedBlob>): Promise<BlobsAnswer>
  /**
   * A blob's bytes, or a range of them. Throws `not_found`, and `integrity_error` for one that a check found
   * lost. A whole blob whose bytes do not have its digest ends with `integrity_error` before its last piece;
   * a range cannot be checked.
   */
  get(team: string, digest: Digest, range?: ByteRange): ReturnType<typeof getBlob>
  /** A blob's size in bytes. Throws as `get` does. */
  size(team: string, digest: Digest): Promise<number>
}

export function createBlobs(watch: SweepWatch): Blobs {
  const { store } = watch
  return {
    findMissing: (team, digests) => findMissing(store, team, digests),
    findMissingOf: (team, blobs, live) => findMissingOf(store, team, unknownTo(live, blobs)),
    put: (team, blobs) => putBlobs({ watch, team }, blobs),
    get: (team, digest, range) => getBlob(store, team, { digest, range }),
    async size(team, digest) {
      const info = await store.head(layout.blob(team, digest))
      if (info === undefined) throw await missingBlob(store, team, digest)
      return info.size
    },
  }
}

async function findMissing(store: ObjectStore, team: string, digests: readonly Digest[]): Promise<Digest[]> {
  const missing: Digest[] = []
  for await (const { digest, stored } of lookFor(store, team, inTurns(asItems(digests))))
    if (stored === undefined) missing.push(digest)
  return missing
}

function asItems(digests: readonly Digest[]): { digest: Digest }[] {
  return digests.map((digest) => ({ digest }))
}

/** Groups of blobs, with the sizes of those that are stored. */
async function* lookFor<Blob extends { digest: Digest }>(
  store: ObjectStore,
  team: string,
  groups: AsyncIterable<Blob[]>,
): AsyncGenerator<Blob & { stored: number | undefined }> {
  const limit = pLimit(concurrentLooks)
  for await (const some of groups) {
    const infos = await Promise.all(
      some.map(({ digest }) => limit(() => store.head(layout.blob(team, digest)))),
    )
    for (const [index, blob] of some.entries()) yield { ...blob, stored: infos[index]?.size }
  }
}

/** Blobs that are not live. One of another size is looked for, which finds the manifest wrong. */
async function* unknownTo(
  live: LiveBlobs | undefined,
  blobs: Iterable<ManifestBlob>,
): AsyncGenerator<ManifestBlob[]> {
  for await (const some of inTurns(blobs))
    yield some.filter(({ digest, size }) => live?.sizeOf(digest) !== size)
}

async function findMissingOf(
  store: ObjectStore,
  team: string,
  groups: AsyncIterable<ManifestBlob[]>,
): Promise<Digest[]> {
  const missing: Digest[] = []
  for await (const { digest, size, stored } of lookFor(store, team, groups)) {
    // There may be a million of them; the client learns about the others after it has sent these.
    if (stored === undefined && missing.push(digest) === mostMissing) break
    if (stored === undefined || stored === size) continue
    throw new TrackwayError(
      'manifest_invalid',
      `The manifest gives the blob ${digest} ${size} bytes, but it has ${stored}`,
      { details: { rule: 'blob-stored-size', digest } },
    )
  }
  return missing
}

async function getBlob(
  store: ObjectStore,
  team: string,
  { digest, range }: { digest: Digest; range: ByteRange | undefined },
) {
  const key = layout.blob(team, digest)
  const blob = await store.get(key, range)
  if (blob === undefined) throw await missingBlob(store, team, digest)
  const isWhole = range === undefined || (range.start <= 0 && range.end >= blob.size)
  if (!isWhole) return blob
  const expected = { digest, size: blob.size, what: `The blob ${digest}`, details: { digest, key } }
  return { ...blob, body: checkedBytes(blob.body, expected) }
}

/** A check records what it finds damaged or missing, so that this is known of a blob without its version. */
async function missingBlob(store: ObjectStore, team: string, digest: Digest): Promise<TrackwayError> {
  const prefix = `${layout.quarantine(team)}${digestHex(digest)}/`
  const { objects } = await store.list({ prefix, limit: 1 })
  const details = { blob: digest }
  if (objects.length === 0) {
    return new TrackwayError(
      'not_found',
      `There is no blob ${digest} in this team; if a version needs it, the store has lost it, and trackway-server check names that version`,
      { details },
    )
  }
  return new TrackwayError(
    'integrity_error',
    `The store has lost the blob ${digest}, which a check found damaged or missing; uploading its content again restores it, and trackway-server check names the versions that need it`,
    { details },
  )
}

interface PutContext {
  watch: SweepWatch
  team: string
}

/**
 * Puts run while later parts of the request still arrive. Matching parts stay in memory until the sweep
 * marker was read, since a blob that a sweep deleted meanwhile must be stored again; a request's limit bounds
 * that memory.
 */
async function putBlobs(context: PutContext, blobs: AsyncIterable<ClaimedBlob>): Promise<BlobsAnswer> {
  const mismatched: Digest[] = []
  let empty: Digest | undefined
  const accepted = new Map<Digest, readonly Uint8Array[]>()
  const puts: Promise<readonly [Digest, boolean]>[] = []
  for await (const { digest, pieces } of blobs) {
    if (accepted.has(digest)) continue
    // Rule: bytes are stored only under their own digest.
    if ((await digestOf(pieces)) !== digest) {
      mismatched.push(digest)
      continue
    }
    if (pieces.every(({ length }) => length === 0)) {
      empty = digest
      continue
    }
    accepted.set(digest, pieces)
    const put = putOne(context, digest, pieces)
    put.catch(() => {}) // Awaited below, when the last part has arrived.
    puts.push(put)
  }
  const outcomes = await Promise.all(puts)
  await storeAgainWhatASweepTook(context, accepted)
  if (empty !== undefined) throw emptyBlob(empty)
  if (mismatched.length > 0) {
    throw new TrackwayError(
      'digest_mismatch',
      `The bytes of ${mismatched.join(', ')} have another digest; they were damaged in transit, or changed while they were read`,
      { details: { digests: mismatched } },
    )
  }
  return {
    stored: outcomes.filter(([, created]) => created).map(([digest]) => digest),
    known: outcomes.filter(([, created]) => !created).map(([digest]) => digest),
  }
}

function emptyBlob(digest: Digest): TrackwayError {
  const problem = `The blob ${digest} is empty; a blob has at least 1 byte, and an empty file has no parts`
  return new TrackwayError('request_invalid', problem, { details: { digest } })
}

async function digestOf(pieces: readonly Uint8Array[]): Promise<Digest> {
  const hash = createSha256()
  for (const piece of pieces) {
    hash.update(piece)
    await takeTurn(piece.length / 16)
  }
  return hash.digest()
}

async function putOne({ watch, team }: PutContext, digest: Digest, pieces: readonly Uint8Array[]) {
  return [digest, await watch.store.putIfAbsent(layout.blob(team, digest), pieces)] as const
}

async function storeAgainWhatASweepTook(
  context: PutContext,
  accepted: Map<Digest, readonly Uint8Array[]>,
): Promise<void> {
  const { watch, team } = context
  for (let pending = [...accepted.keys()]; pending.length > 0; ) {
    const { waited } = await waitForSweep(watch, team, { blobs: pending })
    if (!waited) return
    pending = await findMissing(watch.store, team, pending)
    await Promise.all(pending.map((digest) => putOne(context, digest, accepted.get(digest) ?? [])))
  }
}
