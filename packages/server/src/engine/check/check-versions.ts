import { tagNumber, type Digest, type VersionRecord } from '@trackway/protocol'
import { deletionOfKey, digestOfKey, isRecordKey, keyOfRecord, layout } from '../../layout.ts'
import type { ObjectInfo } from '../../stores/object-store.ts'
import { putDocument } from '../documents.ts'
import { readStoredRecord } from '../stored-record.ts'
import type { ManifestSummary } from '../read-manifest.ts'
import { graceMs } from '../sweep/mark.ts'
import { isDeleted } from '../version-records.ts'
import type { CheckContext, Listed } from './check-context.ts'
import { moveAway } from './move-away.ts'
import { describeFailure, type Damage } from './report.ts'

/** Which manifests versions have, and what they need. */
export interface CheckedVersions {
  /** Versions by their manifest. */
  users: Map<Digest, string[]>
  /** Blobs that versions use, with their sizes. */
  used: Map<Digest, number>
}

/** Checks that every version has its manifest, that the two agree, and that its blobs are stored. */
export async function checkVersions(
  context: CheckContext,
  { infos, keys }: Listed,
): Promise<CheckedVersions> {
  const checked: CheckedVersions = { users: new Map(), used: new Map() }
  const swept = longDeleted(infos)
  for (const { key } of infos) {
    if (!isRecordKey(key)) continue
    context.report.versions += 1
    // Damaged records were reported before; here a complete record is needed.
    const record = await readStoredRecord(context.store, key).catch(() => undefined)
    if (record === undefined || keyOfRecord(record) !== key) continue
    // A sweep may have deleted everything but the record of a version that was deleted long ago.
    if (!swept.has(key)) await checkVersion(context, checked, record)
    await checkHint(context, keys, record)
  }
  await checkOtherManifests(context, infos, checked.users)
  return checked
}

/** The name of a version in a report. */
function labelOf({ experiment, type, name, tag }: VersionRecord): string {
  return `${experiment}/${type}/${name}:${tag}`
}

/** The time that a check may take: what a sweep may delete meanwhile is not reported as missing. */
const longestCheckMs = 24 * 60 * 60 * 1000

/** Keys of records of versions whose grace period is over, or will be before the check ends. */
function longDeleted(infos: readonly ObjectInfo[]): Set<string> {
  const last = new Map<string, { sequence: number; ageMs: number }>()
  for (const { key, ageMs } of infos) {
    const sequence = deletionOfKey(key)
    const record = key.replace(/\.deleted(\.\d+)?$/, '.json')
    if (sequence > (last.get(record)?.sequence ?? 0)) last.set(record, { sequence, ageMs })
  }
  const gone = [...last].filter(
    ([, { sequence, ageMs }]) => isDeleted(sequence) && ageMs >= graceMs - longestCheckMs,
  )
  return new Set(gone.map(([key]) => key))
}

async function checkVersion(
  context: CheckContext,
  { users, used }: CheckedVersions,
  record: VersionRecord,
): Promise<void> {
  const { team, manifests, found, store } = context
  const { digest, size } = record.manifest
  const label = labelOf(record)
  const known = users.get(digest)
  users.set(digest, [...(known ?? []), label])
  const key = layout.manifest(team, digest)
  const info = await store.head(key)
  if (info === undefined) {
    found({ kind: 'missing', key, problem: 'a version needs this manifest', versions: [label] })
    return
  }
  try {
    const manifest = await manifests.summarize(team, digest)
    for (const blob of manifest.blobs) used.set(blob.digest, agreedSize(used.get(blob.digest), blob.size))
    const problem =
      info.size === size ? disagreement(record, manifest) : `its manifest has ${info.size} bytes`
    if (problem === undefined) return
    found({
      kind: 'damaged',
      key: keyOfRecord(record),
      problem: `the record differs: ${problem}`,
      versions: [label],
    })
  } catch (error) {
    found({ ...(await describeManifest(context, digest, error)), versions: [label] })
  }
}

/** Two manifests that state different sizes for one blob cannot both be right. */
function agreedSize(known: number | undefined, size: number): number {
  return known === undefined || known === size ? size : -1
}

/**
 * Reads the manifests that no version has: a reservation may, and so will a client that uploads the same
 * again.
 */
async function checkOtherManifests(
  context: CheckContext,
  infos: readonly ObjectInfo[],
  users: CheckedVersions['users'],
): Promise<void> {
  for (const { key } of infos) {
    const digest = key.startsWith(layout.manifests(context.team)) ? digestOfKey(key) : undefined
    if (digest === undefined || users.has(digest)) continue
    try {
      await context.manifests.summarize(context.team, digest)
    } catch (error) {
      const isGone = (await context.store.head(key)) === undefined
      if (!isGone) context.found(await describeManifest(context, digest, error))
    }
  }
}

/** A damaged manifest is moved away like a blob, so that the next upload stores it complete. */
async function describeManifest(context: CheckContext, digest: Digest, error: unknown): Promise<Damage> {
  const damage = describeFailure(layout.manifest(context.team, digest), error)
  if (damage.kind !== 'damaged') return damage
  const movedTo = await moveAway(context, { kind: 'manifests', digest }).catch(() => undefined)
  return movedTo === undefined ? damage : { ...damage, movedTo }
}

function disagreement(
  record: VersionRecord,
  { digest, header }: Pick<ManifestSummary, 'digest' | 'header'>,
): string | undefined {
  if (digest !== record.digest) return `its entries have the digest ${digest}`
  if (header.files !== record.fileCount) return `there are ${header.files} entries`
  if (header.bytes !== record.size) return `the entries have ${header.bytes} bytes`
  return undefined
}

/** Hints are made after the record, so a crash may lose one; nothing else does. */
async function checkHint(
  context: CheckContext,
  keys: ReadonlySet<string>,
  record: VersionRecord,
): Promise<void> {
  const key = layout.digestHint(record, record.digest, tagNumber(record.tag) ?? 0)
  if (keys.has(key)) return
  if (context.options.repair) {
    await putDocument(context.store, key, {})
    context.report.repairedHints += 1
  } else {
    context.report.notes.push(`${key} is a missing hint; --repair recreates it`)
  }
}
