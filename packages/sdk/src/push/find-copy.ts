import { tagNumber, type VersionRecord } from '@trackway/protocol'
import { hasContent } from '../version/has-content.ts'
import { readEntries } from '../version/stored-version.ts'
import type { Place } from '../client/scope.ts'
import type { Provenance } from './origin.ts'
import type { TargetVersion } from './target-versions.ts'

/** A version that may have been pushed before, and what the target has. */
export interface CopySearch {
  source: Place
  record: VersionRecord
  provenance: Provenance
  target: Place
  /** The versions at the target, the newest first. */
  there: readonly TargetVersion[]
  /** Those that come before the one that is looked for: what it was made from, what was pushed just before. */
  before: readonly TargetVersion[]
  signal?: AbortSignal | undefined
}

/**
 * What the target has of a version: the copy that was pushed there before, or the version that it came from; else a
 * version with the same content, unless something that comes before lies behind that, since then it is not what comes
 * next; else a copy that was deleted.
 */
export async function findCopy(search: CopySearch): Promise<TargetVersion | undefined> {
  const { provenance, there } = search
  const copies = there.filter(({ identity }) => identity === provenance.identity)
  return copies.find(({ record }) => !record.deleted) ?? (await findContent(search)) ?? copies[0]
}

async function findContent(search: CopySearch): Promise<TargetVersion | undefined> {
  const { digest } = search.record
  const floor = floorOf(search)
  // The oldest first, so that there is room for what comes behind it.
  for (const each of search.there.toReversed()) {
    const mayBe = each.number > floor && !each.record.deleted && each.record.digest === digest
    if (mayBe && (await isEqual(search, each))) return each
  }
  return undefined
}

/** The newest version at the target that comes before the one that is looked for. */
function floorOf({ provenance: { series, origin }, there, before }: CopySearch): number {
  const number = tagNumber(origin.tag) ?? 0
  const earlier = there.find((each) => each.series === series && (tagNumber(each.origin.tag) ?? 0) < number)
  return Math.max(0, earlier?.number ?? 0, ...before.map((each) => each.number))
}

/** Whether versions of one digest are the same in all that a version holds; executable bits are not in the digest. */
async function isEqual(
  { source, record, target, signal }: CopySearch,
  other: TargetVersion,
): Promise<boolean> {
  if (other.record.manifest.digest === record.manifest.digest) return true
  const [here, there] = await Promise.all([
    readEntries(source, record, signal),
    readEntries(target, other.record, signal),
  ])
  return hasContent(here, there.entries)
}
