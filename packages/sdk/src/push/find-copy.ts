import { tagNumber, type ListedVersion, type VersionRecord } from '@trackway/protocol'
import { hasContent } from '../artifact/has-content.ts'
import { readEntries } from '../artifact/stored-version.ts'
import type { Place } from '../session/place.ts'
import type { ArtifactPlace } from './artifact-place.ts'
import { identityOf, isSameSeries, originOf } from './origin.ts'

/** All versions of an artifact, the newest first; deleted ones say so. */
export async function listWithDeleted(
  { place, type, name }: ArtifactPlace,
  attempted: string,
  signal?: AbortSignal,
): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = []
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await place.connection.call('listVersions', {
      attempted,
      parameters: { team: place.team, experiment: place.experiment, type, name },
      query: { cursor, deleted: 'true' },
      signal,
    })
    versions.push(...items)
    if (next === undefined) return versions
    cursor = next
  }
}

/** A version that may have been pushed before, and what the target has. */
export interface CopySearch {
  source: Place
  record: VersionRecord
  target: Place
  /** The versions at the target, the newest first. */
  there: readonly ListedVersion[]
  /** Versions at the target that come before it: what it was made from, what was pushed just before. */
  before: readonly ListedVersion[]
  signal?: AbortSignal | undefined
}

/**
 * What the target has of a version: the copy that was pushed there before, or the version that it came from; else a
 * version with the same content, unless something that comes before lies behind that, since then it is not what comes
 * next; else a copy that was deleted.
 */
export async function findCopy(search: CopySearch): Promise<ListedVersion | undefined> {
  const { source, record, target, there } = search
  const identity = identityOf(record, source.connection.storeId)
  const copies = there.filter((each) => identityOf(each, target.connection.storeId) === identity)
  return copies.find(({ deleted }) => !deleted) ?? (await findContent(search)) ?? copies[0]
}

async function findContent(search: CopySearch): Promise<ListedVersion | undefined> {
  const { record, there } = search
  const floor = floorOf(search)
  // The oldest first, so that there is room for what comes behind it.
  for (const each of there.toReversed()) {
    const mayBe = numberOf(each) > floor && !each.deleted && each.digest === record.digest
    if (mayBe && (await isEqual(search, each))) return each
  }
  return undefined
}

/** The newest version at the target that comes before the one that is looked for. */
function floorOf({ source, record, target, there, before }: CopySearch): number {
  const origin = originOf(record, source.connection.storeId)
  const isEarlier = (each: ListedVersion) => {
    const other = originOf(each, target.connection.storeId)
    return isSameSeries(other, origin) && numberOf(other) < numberOf(origin)
  }
  return Math.max(0, ...[...before, ...there.filter(isEarlier).slice(0, 1)].map(numberOf))
}

function numberOf({ tag }: { tag: string }): number {
  return tagNumber(tag) ?? 0
}

/** Whether versions of one digest are the same in all that a version holds; executable bits are not in the digest. */
async function isEqual(
  { source, record, target, signal }: CopySearch,
  other: ListedVersion,
): Promise<boolean> {
  if (other.manifest.digest === record.manifest.digest) return true
  const [here, there] = await Promise.all([
    readEntries(source, record, signal),
    readEntries(target, other, signal),
  ])
  return hasContent(here, there.entries)
}
