import { tagNumber, type VersionRecord } from '@trackway/protocol'
import { hasContent } from '../version/has-content.ts'
import { readEntries } from '../version/stored-version.ts'
import type { Scope } from '../client/scope.ts'
import type { Provenance } from './origin.ts'
import type { TargetVersion } from './target-versions.ts'

/** A version that may have been pushed before, and the versions of the target. */
export interface CopySearch {
  source: Scope
  record: VersionRecord
  provenance: Provenance
  target: Scope
  /** The versions at the target, the newest first. */
  there: readonly TargetVersion[]
  /** The predecessors of the version: the one that it was made from, and the one that was just pushed. */
  before: readonly TargetVersion[]
  signal?: AbortSignal | undefined
}

/**
 * The target's counterpart of a version: the copy that was pushed there before, or the version that it was
 * copied from; otherwise a version with the same content, unless one of its predecessors comes later, since
 * then it is not the successor; otherwise a copy that was deleted.
 */
export async function findCopy(search: CopySearch): Promise<TargetVersion | undefined> {
  const { provenance, there } = search
  const copies = there.filter(({ identity }) => identity === provenance.identity)
  return copies.find(({ record }) => !record.deleted) ?? (await findContent(search)) ?? copies[0]
}

async function findContent(search: CopySearch): Promise<TargetVersion | undefined> {
  const { digest } = search.record
  const floor = floorOf(search)
  // The oldest first, so that there is room for its successors.
  for (const each of search.there.toReversed()) {
    const mayBe = each.number > floor && !each.record.deleted && each.record.digest === digest
    if (mayBe && (await isEqual(search, each))) return each
  }
  return undefined
}

/** The newest predecessor of the version at the target. */
function floorOf({ provenance: { series, origin }, there, before }: CopySearch): number {
  const number = tagNumber(origin.tag) ?? 0
  const earlier = there.find((each) => each.series === series && (tagNumber(each.origin.tag) ?? 0) < number)
  return Math.max(0, earlier?.number ?? 0, ...before.map((each) => each.number))
}

/**
 * Whether versions with equal digests are equal in every respect; the digest does not cover executable bits.
 */
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
