import { createSha256, digestHex, sha256, type Digest } from '@trackway/protocol'
import { digestOfKey, layout } from '../../layout.ts'
import type { ByteStream, ObjectInfo } from '../../stores/object-store.ts'
import { readAll } from '../documents.ts'
import type { CheckContext } from './check-context.ts'
import type { CheckedVersions } from './check-versions.ts'
import { describeFailure } from './report.ts'

/** More than any blob may have. */
const mostBlobBytes = 64 * 1024 * 1024

type Stored = Map<Digest, number>

/** Checks that blobs are there, have their sizes and, where asked, their bytes; and that these make the entries. */
export async function checkBlobs(
  context: CheckContext,
  { infos, users, used }: CheckedVersions & { infos: readonly ObjectInfo[] },
): Promise<void> {
  const { report, team, options } = context
  const blobs = layout.blobs(team)
  const stored: Stored = new Map()
  for (const { key, size } of infos) {
    const digest = key.startsWith(blobs) ? digestOfKey(key) : undefined
    if (digest !== undefined) stored.set(digest, size)
  }
  report.blobs += stored.size
  for (const [digest, size] of stored) {
    report.bytes += size
    if (used.has(digest)) continue
    report.unusedBlobs += 1
    report.unusedBytes += size
  }
  const wrong = await findMissing(context, stored, used)
  for (const [digest, size] of stored) {
    const isSuspect = used.has(digest) && used.get(digest) !== size
    if (isSuspect || isChosen(digest, options.readData)) await checkBlob(context, digest, wrong)
  }
  if (options.readData === true) await checkEntries(context, users, wrong)
  await nameVersions(context, users, wrong)
}

/** Keys of blobs that are missing or damaged, by digest. */
type Wrong = Map<Digest, { kind: 'missing' | 'damaged' | 'unreadable'; problem: string; movedTo?: string }>

/** A blob that came since the store was listed is not missing. */
async function findMissing({ store, team }: CheckContext, stored: Stored, used: Stored): Promise<Wrong> {
  const wrong: Wrong = new Map()
  for (const digest of used.keys()) {
    if (stored.has(digest) || (await store.head(layout.blob(team, digest))) !== undefined) continue
    wrong.set(digest, { kind: 'missing', problem: 'a version needs this blob' })
  }
  return wrong
}

/** Whether the bytes of a blob are to be read. The digest chooses, so that every part is read after so many checks. */
function isChosen(digest: Digest, readData: CheckContext['options']['readData']): boolean {
  if (typeof readData !== 'object') return readData ?? false
  return Number.parseInt(digestHex(digest).slice(0, 8), 16) % readData.of === readData.part - 1
}

/** Reads a blob; one whose bytes have another digest is moved out of the way. */
async function checkBlob({ store, team, report, surroundings }: CheckContext, digest: Digest, wrong: Wrong) {
  const key = layout.blob(team, digest)
  try {
    const object = await store.get(key)
    if (object === undefined) return
    const bytes = await readAll(object.body, mostBlobBytes)
    report.readBlobs += 1
    const actual = sha256(bytes)
    if (actual === digest) return
    const movedTo = layout.quarantined(team, digest, surroundings.newId())
    await store.putIfAbsent(movedTo, bytes)
    await store.delete(key)
    wrong.set(digest, { kind: 'damaged', problem: `its bytes have the digest ${actual}`, movedTo })
  } catch (error) {
    wrong.set(digest, { kind: 'unreadable', problem: describeFailure(key, error).problem })
  }
}

/** Checks that the parts of every entry make its bytes: a client may have sent a manifest that says otherwise. */
async function checkEntries(context: CheckContext, users: CheckedVersions['users'], wrong: Wrong) {
  const { team, manifests, found } = context
  const seen = new Set<string>()
  for (const [digest, versions] of users) {
    const manifest = await manifests.read(team, digest).catch(() => undefined)
    if (manifest === undefined) continue
    for (const entry of manifest.entries) {
      const parts = (entry.parts ?? []).map(([blob, offset, length]) => ({
        blob: manifest.blobs[blob],
        offset,
        length,
      }))
      const [first] = parts
      // The whole of a blob with the very digest was read already, as was what another version has as well.
      if (parts.length === 1 && first?.offset === 0 && first.blob?.digest === entry.digest) continue
      const name = `${entry.digest} ${parts.map(({ blob, offset, length }) => `${blob?.digest} ${offset} ${length}`).join(' ')}`
      if (entry.parts === undefined || seen.has(name)) continue
      seen.add(name)
      if (parts.some(({ blob }) => blob === undefined || wrong.has(blob.digest))) continue
      const actual = await digestOfEntry(context, parts)
      if (actual === entry.digest) continue
      const problem = `the parts of ${entry.path} make bytes with the digest ${actual} and not ${entry.digest}`
      found({ kind: 'damaged', key: layout.manifest(team, digest), problem, versions })
    }
  }
}

interface StoredPart {
  blob: { digest: Digest } | undefined
  offset: number
  length: number
}

async function digestOfEntry({ store, team }: CheckContext, parts: readonly StoredPart[]): Promise<Digest> {
  const hash = createSha256()
  for (const { blob, offset, length } of parts) {
    if (blob === undefined) continue
    const object = await store.get(layout.blob(team, blob.digest), { start: offset, end: offset + length })
    await feed(hash, object?.body)
  }
  return hash.digest()
}

async function feed(hash: ReturnType<typeof createSha256>, body: ByteStream | undefined): Promise<void> {
  for await (const piece of body ?? []) hash.update(piece)
}

/** Says which versions each wrong blob touches. Manifests are read again, which costs only where something is wrong. */
async function nameVersions(
  { team, manifests, found }: CheckContext,
  users: CheckedVersions['users'],
  wrong: Wrong,
) {
  if (wrong.size === 0) return
  const touched = new Map<Digest, string[]>([...wrong.keys()].map((digest) => [digest, []]))
  for (const [digest, versions] of users) {
    const manifest = await manifests.read(team, digest).catch(() => undefined)
    for (const blob of manifest?.blobs ?? []) touched.get(blob.digest)?.push(...versions)
  }
  for (const [digest, damage] of wrong) {
    const versions = [...new Set(touched.get(digest))].sort()
    found({ ...damage, key: layout.blob(team, digest), versions })
  }
}
