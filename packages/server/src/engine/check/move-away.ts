import { sha256, type Digest } from '@trackway/protocol'
import { layout } from '../../layout.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { readAll } from '../documents.ts'
import { announce } from '../sweep/announce.ts'
import type { CheckContext } from './check-context.ts'

/** More than any blob or manifest may have. */
const mostBytes = 512 * 1024 * 1024

/** The bytes of an object to check; undefined if it is missing. */
export async function readWhole(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  const object = await store.get(key)
  return object === undefined ? undefined : readAll(object.body, mostBytes)
}

/**
 * Copies a damaged blob or manifest to `quarantine/` and deletes it. It reads the bytes once more after it
 * stores a marker: an upload may have stored the right ones, and none can while the marker names it. Returns
 * the new key, or undefined if they could not be moved or are right by now.
 */
export async function moveAway(
  { store, clockAndIds, team }: CheckContext,
  { kind, digest }: { kind: 'blobs' | 'manifests'; digest: Digest },
): Promise<string | undefined> {
  const key = kind === 'blobs' ? layout.blob(team, digest) : layout.manifest(team, digest)
  const doomed = { blobs: [], manifests: [], [kind]: [digest] }
  const movedTo = layout.quarantined(team, digest, clockAndIds.newId())
  return announce({ store, clockAndIds }, { team, doomed }, async () => {
    const bytes = await readWhole(store, key)
    if (bytes === undefined || sha256(bytes) === digest) return undefined
    // Without a copy nothing is deleted: a full disk must not destroy what may still be useful.
    if (!(await store.putIfAbsent(movedTo, bytes).catch(() => false))) return undefined
    await store.delete(key)
    return movedTo
  })
}

/**
 * Records that a blob is missing: from now on writers look up the blobs of a base, which they otherwise
 * assume.
 */
export async function noteMissing({ store, team }: CheckContext, digest: Digest): Promise<void> {
  await store.putIfAbsent(layout.quarantined(team, digest, '0'), new Uint8Array())
}
