import {
  createSha256,
  encodeManifest,
  formatSpec,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type VersionRecord,
} from '@trackway/protocol'
import { copyManifest } from '../content/manifest-cache.ts'
import { manifestOf, type PlacedEntry } from '../content/placed-entry.ts'
import type { Place } from '../session/place.ts'

export interface Commit {
  place: Place
  type: string
  name: string
  /** Sorted by path. */
  entries: readonly PlacedEntry[]
  /** The version whose blobs the server need not look for. */
  base: VersionRecord | undefined
  request: Pick<CreateVersion, 'commitId' | 'onConflict' | 'tag' | 'description' | 'metadata'>
  /** Sends blobs that turn out to be missing. */
  supply(digests: readonly Digest[]): Promise<void>
  signal?: AbortSignal | undefined
}

const attempts = 4

/**
 * Stores the manifest of entries and makes a version of it. Where the reservation is gone by then, or a blob, the
 * manifest is stored once more, which says what is missing.
 */
export async function commitVersion(commit: Commit): Promise<VersionRecord> {
  const { place, type, name, base, signal } = commit
  const attempted = `Uploading ${formatSpec({ type, name })}`
  const pieces = [...encodeManifest(manifestOf(commit.entries))]
  const digest = digestOf(pieces)
  // Whoever looks at the version's lineage finds it whole. It is no reason to fail, though: finish() tells.
  await place.run?.flushInputs().catch(() => {})
  for (let attempt = 1; ; attempt += 1) {
    const { reservation, missing } = await place.connection.putManifest({
      attempted,
      team: place.team,
      digest,
      pieces,
      ...(base && {
        base: { experiment: base.experiment, spec: formatSpec({ ...base, reference: base.tag }) },
      }),
      signal,
    })
    if (missing.length > 0) await commit.supply(missing)
    try {
      const record = await createVersion(commit, { attempted, manifest: digest, reservation })
      await keepManifest(digest, pieces)
      return record
    } catch (error) {
      if (attempt === attempts || !isLost(error)) throw error
    }
  }
}

async function keepManifest(digest: Digest, pieces: readonly Uint8Array[]): Promise<void> {
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
  return (
    TrackwayError.isInstance(error) &&
    (error.code === 'reservation_expired' || error.code === 'blobs_missing')
  )
}

interface Reserved {
  attempted: string
  manifest: Digest
  reservation: string
}

function createVersion(commit: Commit, { attempted, ...reserved }: Reserved): Promise<VersionRecord> {
  const { place, type, name, base, request, signal } = commit
  return place.connection.call('createVersion', {
    attempted,
    parameters: { team: place.team, experiment: place.experiment, type, name },
    body: { ...reserved, ...request, base: base?.tag ?? null, run: place.run?.reference ?? null },
    signal,
  })
}
