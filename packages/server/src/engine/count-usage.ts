import { foldName, tagNumber, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { deletionOfKey, layout } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { readStoredRecord } from './stored-record.ts'
import { createBlobTable, type BlobList } from './blob-table.ts'
import { listObjects, readAhead } from './listing.ts'
import { inTurns, slicesOf, takeTurn } from './pauses.ts'
import { isDeleted } from './version-records.ts'

/** The usage of a team, or of a user in it. */
export interface Usage {
  /** Stored bytes. */
  bytes: number
  /** Versions that are not deleted. */
  versions: number
}

/** The result of a count. */
export interface Count {
  team: Usage
  /** By the name of the user; empty unless users were requested. */
  users: ReadonlyMap<string, Usage>
}

/** What one version adds, and to which user. It never changes, so it is read once. */
interface Share {
  user: string
  bytes: number
}

/** A document of a version. An alias may be called `v` as well, but its folder is at another depth. */
const versionKey = /^(t\/[^/]+\/a\/[^/]+\/[^/]+\/[^/]+\/v\/\d{10})(\..+)$/

/**
 * Counts what a team has stored: one listing of all its objects. With `shares`, also the usage of each user:
 * that reads the record of each version and the list of its blobs, unless `shares` has them from an earlier
 * count.
 */
export async function countUsage(
  store: ObjectStore,
  team: string,
  shares?: Map<string, Share>,
): Promise<Count> {
  const usage = { bytes: 0, versions: 0 }
  const users = new Map<string, Usage>()

  /** Counts what the listing shows, and yields the keys of records of versions that are not deleted. */
  async function* records(): AsyncGenerator<string> {
    let beside = { of: '', deletions: 0 }
    for await (const { key, size } of listObjects(store, { prefix: layout.team(team) })) {
      usage.bytes += size
      const [, version, ending] = versionKey.exec(key) ?? []
      if (version === undefined) continue
      if (beside.of !== version) beside = { of: version, deletions: 0 }
      beside.deletions = Math.max(beside.deletions, deletionOfKey(key))
      if (ending !== '.json' || isDeleted(beside.deletions)) continue
      usage.versions += 1
      yield key
    }
  }

  for await (const share of readAhead(records(), async (key) => shares && shareOf(store, key, shares))) {
    if (share === undefined) continue
    const { bytes, versions } = users.get(share.user) ?? { bytes: 0, versions: 0 }
    users.set(share.user, { bytes: bytes + share.bytes, versions: versions + 1 })
  }
  return { team: usage, users }
}

async function shareOf(
  store: ObjectStore,
  key: string,
  known: Map<string, Share>,
): Promise<Share | undefined> {
  const share = known.get(key)
  if (share !== undefined) return share
  const record = await readRecordAt(store, key)
  if (record === undefined) return undefined
  const read = { user: foldName(record.createdBy), bytes: await addedBytes(store, record) }
  known.set(key, read)
  return read
}

/** A damaged record belongs to no user: a check reports it, and counting continues. */
async function readRecordAt(store: ObjectStore, key: string): Promise<VersionRecord | undefined> {
  try {
    return await readStoredRecord(store, key)
  } catch (error) {
    if (TrackwayError.isInstance(error) && error.retryable) throw error
    return undefined
  }
}

/** Bytes of the blobs that a version has but its base does not. */
async function addedBytes(store: ObjectStore, record: VersionRecord): Promise<number> {
  const number = tagNumber(record.base ?? '')
  const base = number === undefined ? undefined : await readRecordAt(store, layout.record(record, number))
  const had = base && (await blobsOf(store, base))
  let bytes = 0
  for await (const some of inTurns(await blobsOf(store, record)))
    for (const { digest, size } of some) if (had?.sizeOf(digest) === undefined) bytes += size
  return bytes
}

/** The blobs of a version, from the first lines of its manifest; empty if it is missing. */
async function blobsOf(store: ObjectStore, { team, manifest }: VersionRecord): Promise<BlobList> {
  const blobs = createBlobTable()
  const object = await store.get(layout.manifest(team, manifest.digest))
  if (object === undefined) return blobs
  const decoder = new TextDecoder()
  let isHeader = true
  let rest = ''
  for await (const piece of object.body) {
    for (const slice of slicesOf(piece)) {
      await takeTurn(slice.length)
      rest += decoder.decode(slice, { stream: true })
      for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
        const [, hex, size] = /^\["([0-9a-f]{64})",(\d+)\]$/.exec(rest.slice(0, end)) ?? []
        if (hex !== undefined) blobs.add({ digest: `sha256:${hex}`, size: Number(size) })
        else if (!isHeader) return blobs
        isHeader = false
        rest = rest.slice(end + 1)
      }
      if (!isHeader && rest.startsWith('{')) return blobs
    }
  }
  return blobs
}
