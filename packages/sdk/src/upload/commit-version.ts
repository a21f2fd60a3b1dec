import {
  createSha256,
  encodeManifest,
  formatSpec,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type VersionRecord,
} from '@trackway/protocol'
import { copyManifest } from '../version/manifest-cache.ts'
import { manifestOf, type LocatedEntry } from '../version/located-entry.ts'
import { putManifest } from '../client/put.ts'
import type { Scope } from '../client/scope.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { checkEntries } from '../version/check-entries.ts'
import { supplyBlobs } from './supply-blobs.ts'
import type { Upload } from './upload.ts'

/** A manifest and the version that is to be made of it. */
export interface Commit {
  scope: Scope
  type: string
  name: string
  /** Names the operation, as the beginning of messages. */
  attempted: string
  /** Its digest, and its bytes in pieces. */
  manifest: { digest: Digest; pieces: readonly Uint8Array[] }
  /** A version of the scope whose blobs the server does not have to look for. */
  known: VersionRecord | undefined
  request: Omit<CreateVersion, 'manifest' | 'reservation' | 'run'>
  /** Sends blobs that turn out to be missing. */
  supply(digests: readonly Digest[]): Promise<void>
  signal?: AbortSignal | undefined
}

const attempts = 4

/** Makes a version of entries, sorted by path, from the version `base`. */
export async function commitVersion(
  upload: Upload,
  entries: readonly LocatedEntry[],
  {
    base,
    request,
    ...spec
  }: Pick<Commit, 'type' | 'name'> & {
    base: VersionRecord | undefined
    request: Omit<Commit['request'], 'base'>
  },
): Promise<VersionRecord> {
  const { scope, attempted, signal } = upload
  const pieces = [...encodeManifest(manifestOf(entries))]
  const record = await commitManifest({
    ...spec,
    scope,
    attempted,
    manifest: { digest: digestOf(pieces), pieces },
    known: base,
    request: { ...request, base: base?.tag ?? null },
    supply: (digests) => supplyBlobs(upload, digests),
    signal,
  })
  // From now on it is pinned by this digest.
  checkEntries(scope.connection, { attempted, record, entries })
  return record
}

/**
 * Stores a manifest and makes a version of it. If the reservation or a blob is gone by then, the manifest is
 * stored once more, which reports what is missing.
 */
export async function commitManifest(commit: Commit): Promise<VersionRecord> {
  const { scope, attempted, manifest, known, signal } = commit
  // Sent first, so that the version's lineage is complete. A failure is reported by finish(), and does not
  // fail the upload.
  await scope.run?.flushInputs(signal).catch(() => throwIfAborted(signal))
  for (let attempt = 1; ; attempt += 1) {
    const { reservation, missing } = await putManifest(scope.connection, {
      attempted,
      team: scope.team,
      ...manifest,
      ...(known && {
        base: { experiment: known.experiment, spec: formatSpec({ ...known, revision: known.tag }) },
      }),
      signal,
    })
    if (missing.length > 0) await commit.supply(missing)
    try {
      const record = await createVersion(commit, reservation)
      await keepManifest(manifest)
      return record
    } catch (error) {
      if (attempt === attempts || !isLost(error)) throw error
    }
  }
}

async function keepManifest({ digest, pieces }: Commit['manifest']): Promise<void> {
  const copy = copyManifest(digest)
  for (const piece of pieces) copy.add(piece)
  await copy.keep()
}

function digestOf(pieces: readonly Uint8Array[]): Digest {
  const hash = createSha256()
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

function isLost(error: unknown): boolean {
  return TrackwayError.hasCode(error, 'reservation_expired', 'blobs_missing')
}

function createVersion(commit: Commit, reservation: string): Promise<VersionRecord> {
  const { scope, type, name, attempted, manifest, request, signal } = commit
  return scope.connection.call('createVersion', {
    attempted,
    parameters: { team: scope.team, experiment: scope.experiment, type, name },
    body: { manifest: manifest.digest, reservation, ...request, run: scope.run?.name ?? null },
    signal,
  })
}
