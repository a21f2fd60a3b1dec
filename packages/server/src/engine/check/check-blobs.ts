import { digestHex, sha256, type Digest, type ManifestBlob } from '@trackway/protocol'
import { digestOfKey, layout } from '../../layout.ts'
import type { CheckContext, Listed } from './check-context.ts'
import { checkEntries } from './check-entries.ts'
import type { CheckedVersions } from './check-versions.ts'
import { moveAway, noteMissing, readWhole } from './move-away.ts'
import { describeFailure, type Damage } from './report.ts'

/** Blobs that are missing or damaged, by digest. */
type Wrong = Map<Digest, Pick<Damage, 'kind' | 'problem' | 'movedTo'>>

/**
 * Checks that blobs exist, have their sizes and, if requested, their bytes; and that these make the entries.
 */
export async function checkBlobs(
  context: CheckContext,
  { infos, keys, users, used }: CheckedVersions & Listed,
): Promise<void> {
  const { report, team, options } = context
  const blobs = layout.blobs(team)
  const wrong = await findMissing(context, keys, used)
  const lied = new Map<Digest, number>()
  for (const { key, size } of infos) {
    const digest = key.startsWith(blobs) ? digestOfKey(key) : undefined
    if (digest === undefined) continue
    report.blobs += 1
    report.bytes += size
    if (!used.has(digest)) {
      report.unusedBlobs += 1
      report.unusedBytes += size
    }
    const isSuspect = used.has(digest) && used.get(digest) !== size
    if (isSuspect || isChosen(digest, options.readData)) await checkBlob(context, { digest, wrong })
    if (isSuspect && !wrong.has(digest)) lied.set(digest, size)
  }
  await nameLiars(context, users, lied)
  await nameVersions(context, users, wrong)
  if (options.readData === true) await checkEntries(context, users, wrong)
}

/** A blob that arrived since the store was listed is not missing. */
async function findMissing(
  context: CheckContext,
  keys: Listed['keys'],
  used: CheckedVersions['used'],
): Promise<Wrong> {
  const { store, team } = context
  const wrong: Wrong = new Map()
  for (const digest of used.keys()) {
    const key = layout.blob(team, digest)
    if (keys.has(key) || (await store.head(key)) !== undefined) continue
    await noteMissing(context, digest)
    wrong.set(digest, { kind: 'missing', problem: 'a version needs this blob' })
  }
  return wrong
}

/**
 * Whether to read the bytes of a blob. The digest decides, so that each part is read once in a round of
 * checks.
 */
function isChosen(digest: Digest, readData: CheckContext['options']['readData']): boolean {
  if (typeof readData !== 'object') return readData ?? false
  return Number.parseInt(digestHex(digest).slice(0, 8), 16) % readData.of === readData.part - 1
}

/** Reads a blob; one whose bytes have another digest is moved away. */
async function checkBlob(
  context: CheckContext,
  { digest, wrong }: { digest: Digest; wrong: Wrong },
): Promise<void> {
  const key = layout.blob(context.team, digest)
  try {
    const bytes = await readWhole(context.store, key)
    if (bytes === undefined) return
    context.report.readBlobs += 1
    const actual = sha256(bytes)
    if (actual === digest) return
    const damage = { kind: 'damaged', problem: `its bytes have the digest ${actual}` } as const
    wrong.set(digest, damage)
    const movedTo = await moveAway(context, { kind: 'blobs', digest })
    if (movedTo !== undefined) wrong.set(digest, { ...damage, movedTo })
  } catch (error) {
    if (!wrong.has(digest))
      wrong.set(digest, { kind: 'unreadable', problem: describeFailure(key, error).problem })
  }
}

/** A correct blob with another size than a manifest states: the manifest is wrong. */
async function nameLiars(
  { team, manifests, found }: CheckContext,
  users: CheckedVersions['users'],
  sizes: ReadonlyMap<Digest, number>,
): Promise<void> {
  for (const [digest, versions] of sizes.size === 0 ? [] : users) {
    const manifest = await manifests.summarize(team, digest).catch(() => undefined)
    const lie = firstLie(manifest?.blobs ?? [], sizes)
    if (lie === undefined) continue
    const problem = `it gives the blob ${lie.digest} ${lie.size} bytes, and that has ${sizes.get(lie.digest)}`
    found({ kind: 'damaged', key: layout.manifest(team, digest), problem, versions })
  }
}

function firstLie(
  blobs: Iterable<ManifestBlob>,
  sizes: ReadonlyMap<Digest, number>,
): ManifestBlob | undefined {
  for (const blob of blobs) if ((sizes.get(blob.digest) ?? blob.size) !== blob.size) return blob
  return undefined
}

/**
 * Adds the versions that each wrong blob affects. Manifests are read again, but only if something is wrong.
 */
async function nameVersions(
  { team, manifests, found }: CheckContext,
  users: CheckedVersions['users'],
  wrong: Wrong,
): Promise<void> {
  if (wrong.size === 0) return
  const touched = new Map<Digest, string[]>([...wrong.keys()].map((digest) => [digest, []]))
  for (const [digest, versions] of users) {
    const manifest = await manifests.summarize(team, digest).catch(() => undefined)
    for (const blob of manifest?.blobs ?? [])
      for (const version of versions) touched.get(blob.digest)?.push(version)
  }
  for (const [digest, damage] of wrong)
    found({ ...damage, key: layout.blob(team, digest), versions: touched.get(digest) ?? [] })
}
