import {
  createManifest,
  encodeManifest,
  concatenateBytes,
  sha256,
  TrackwayError,
  type CreateVersion,
  type Digest,
  type Manifest,
  type VersionRecord,
} from '@trackway/protocol'
import type { ArtifactScope, Engine } from '@trackway/server/internals'

/** The files of a version: path to bytes. Each is a blob of its own. */
export type Files = Readonly<Record<string, Uint8Array>>

/** What to commit, and how. */
export interface CommitRequest {
  scope: ArtifactScope
  files: Files
  commitId: string
  wish?: Partial<Pick<CreateVersion, 'base' | 'tag' | 'onConflict'>>
  /** The most retries. Default: 20. */
  attempts?: number
}

/**
 * Creates a version directly through an engine, as a client does over the wire: asks which blobs are missing,
 * sends them, stores the manifest, sends the blobs that are still missing, creates the version; and all of it
 * again, with the same `commitId`, if a reply was lost or a sweep intervened.
 */
export async function commitFiles(engine: Engine, request: CommitRequest): Promise<VersionRecord> {
  const { scope, files, commitId, wish, attempts = 20 } = request
  const { manifest, digest, body } = storedManifest(files)
  const contents = new Map(Object.values(files).map((content) => [sha256(content), content]))
  const used = manifest.blobs.map((blob) => blob.digest)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send(engine, scope.team, { contents, digests: await engine.blobs.findMissing(scope.team, used) })
      const { reservation, missing } = await engine.manifests.put({
        team: scope.team,
        digest,
        body: body(),
        liveBase: await readBase(engine, scope, wish?.base),
      })
      await send(engine, scope.team, { contents, digests: missing })
      const version = { manifest: digest, reservation, commitId, ...wish }
      return (await engine.versions.create(scope, { user: 'tester' }, version)).record
    } catch (error) {
      if (attempt === attempts || !mayHelp(error)) throw error
    }
  }
}

/** A base spares the server from looking for its blobs; one that is gone spares nothing. */
async function readBase(engine: Engine, scope: ArtifactScope, base: string | null | undefined) {
  if (base === null || base === undefined) return undefined
  try {
    const { manifest } = await engine.versions.resolve(scope, base)
    return await engine.manifests.summarize(scope.team, manifest.digest)
  } catch (error) {
    const isGone = TrackwayError.hasCode(error, 'not_found', 'version_deleted')
    if (isGone) return undefined
    throw error
  }
}

async function send(
  engine: Engine,
  team: string,
  { contents, digests }: { contents: ReadonlyMap<Digest, Uint8Array>; digests: readonly Digest[] },
): Promise<void> {
  if (digests.length === 0) return
  async function* blobs() {
    for (const digest of digests) yield { digest, pieces: [contents.get(digest) ?? new Uint8Array()] }
  }
  await engine.blobs.put(team, blobs())
}

function mayHelp(error: unknown): boolean {
  if (!TrackwayError.isInstance(error)) return false
  return error.retryable || error.code === 'reservation_expired' || error.code === 'blobs_missing'
}

/** The manifest of files, each of which is one blob. */
export function manifestOf(files: Files): Manifest {
  const paths = Object.keys(files).sort()
  const blobs = new Map<Digest, { digest: Digest; size: number; index: number }>()
  const entries = paths.map((path) => {
    const content = files[path] ?? new Uint8Array()
    const digest = sha256(content)
    const size = content.length
    const blob = blobs.get(digest) ?? { digest, size, index: blobs.size }
    if (size > 0) blobs.set(digest, blob)
    const part: [number, number, number] = [blob.index, 0, size]
    return { path, size, digest, parts: size === 0 ? [] : [part] }
  })
  return createManifest(
    [...blobs.values()].map(({ digest, size }) => ({ digest, size })),
    entries,
  )
}

/** The stored manifest of files: its digest, its bytes, and a body that can be sent several times. */
export function storedManifest(files: Files): {
  manifest: Manifest
  digest: Digest
  bytes: Uint8Array
  body: () => AsyncGenerator<Uint8Array, void, unknown>
} {
  const manifest = manifestOf(files)
  const bytes = concatenateBytes([...encodeManifest(manifest)])
  async function* body() {
    yield bytes
  }
  return { manifest, digest: sha256(bytes), bytes, body }
}
