import { createSha256, type Digest, type Manifest, type ManifestEntry } from '@trackway/protocol'
import { layout } from '../../layout.ts'
import type { CheckContext } from './check-context.ts'
import type { CheckedVersions } from './check-versions.ts'

const shownPaths = 10

/** Checks that the parts of every entry make its bytes: a client may have sent a manifest that is wrong. */
export async function checkEntries(
  context: CheckContext,
  users: CheckedVersions['users'],
  wrong: ReadonlyMap<Digest, unknown>,
): Promise<void> {
  const { team, manifests, found } = context
  // Versions share most of their files: each result is computed once.
  const verdicts = new Map<string, Digest | undefined>()
  for (const [digest, versions] of users) {
    const manifest = await manifests.read(team, digest).catch(() => undefined)
    const bad: string[] = []
    for (const entry of manifest?.entries ?? []) {
      const parts = manifest === undefined ? [] : partsOf(manifest, entry)
      // A whole blob with this digest was read already.
      const [first] = parts
      if (
        entry.parts === undefined ||
        (parts.length === 1 && first?.offset === 0 && first.digest === entry.digest)
      )
        continue
      if (parts.some((part) => wrong.has(part.digest))) continue
      const name = JSON.stringify(parts)
      if (!verdicts.has(name)) verdicts.set(name, await digestOf(context, parts))
      const actual = verdicts.get(name)
      if (actual !== undefined && actual !== entry.digest) bad.push(entry.path)
    }
    if (bad.length === 0) continue
    const shown = bad.slice(0, shownPaths).join(', ') + (bad.length > shownPaths ? ', …' : '')
    const problem = `the parts of ${bad.length} entries make other bytes than their digests say: ${shown}`
    found({ kind: 'damaged', key: layout.manifest(team, digest), problem, versions })
  }
}

interface StoredPart {
  digest: Digest
  offset: number
  length: number
}

function partsOf({ blobs }: Manifest, { parts = [] }: ManifestEntry): StoredPart[] {
  return parts.flatMap(([index, offset, length]) => {
    const blob = blobs[index]
    return blob === undefined ? [] : [{ digest: blob.digest, offset, length }]
  })
}

/** Undefined if a blob is missing, which is reported elsewhere. */
async function digestOf(
  { store, team }: CheckContext,
  parts: readonly StoredPart[],
): Promise<Digest | undefined> {
  const hash = createSha256()
  for (const { digest, offset, length } of parts) {
    const object = await store.get(layout.blob(team, digest), { start: offset, end: offset + length })
    if (object === undefined) return undefined
    for await (const piece of object.body) hash.update(piece)
  }
  return hash.digest()
}
