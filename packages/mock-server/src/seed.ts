import {
  comparePaths,
  createManifest,
  encodeManifest,
  manifestAnswerSchema,
  ndjsonMediaType,
  parsePath,
  parseSpec,
  routePath,
  sha256,
  TrackwayError,
  type ManifestBlob,
  type ManifestEntry,
} from '@trackway/protocol'

/** Files by their paths: texts, or bytes. */
export type SeedFiles = Record<string, string | Uint8Array>

/** Artifacts by `type/name`: the files of one version, or of several, the oldest first. */
export type SeedArtifacts = Record<string, SeedFiles | SeedFiles[]>

/** Where seeds go. */
export interface SeedPlace {
  /** Default: `default`. */
  team?: string
  /** Default: `uncategorized`. */
  experiment?: string
}

/** Sends a request with the mock's own key, past its faults and its list of requests. */
export type SendSeed = (path: string, init: RequestInit) => Promise<Response>

/** Puts versions into a mock, over the same protocol that clients speak. */
export async function seedArtifacts(
  send: SendSeed,
  artifacts: SeedArtifacts,
  place: SeedPlace,
): Promise<void> {
  const { team = 'default', experiment = 'uncategorized' } = place
  for (const [spec, versions] of Object.entries(artifacts)) {
    const { type, name } = parseSpec(spec)
    for (const files of Array.isArray(versions) ? versions : [versions]) {
      await seedVersion(send, { team, experiment, type, name }, files)
    }
  }
}

type ArtifactParameters = Record<'team' | 'experiment' | 'type' | 'name', string>

async function seedVersion(send: SendSeed, parameters: ArtifactParameters, files: SeedFiles): Promise<void> {
  const { team } = parameters
  const form = new FormData()
  const blobs: ManifestBlob[] = []
  const entries: ManifestEntry[] = []
  const indexes = new Map<string, number>()
  for (const [path, content] of Object.entries(files).sort(([a], [b]) => comparePaths(a, b))) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const digest = sha256(bytes)
    const size = bytes.length
    if (size > 0 && !indexes.has(digest)) {
      indexes.set(digest, blobs.push({ digest, size }) - 1)
      form.append(digest, new Blob([bytes.slice()]), 'blob')
    }
    entries.push({
      path: parsePath(path),
      size,
      digest,
      parts: size === 0 ? [] : [[indexes.get(digest) ?? 0, 0, size]],
    })
  }
  if (blobs.length > 0)
    await succeed(await send(routePath('putBlobs', { team }), { method: 'POST', body: form }))
  const manifest = new Uint8Array(
    await new Blob(
      [...encodeManifest(createManifest(blobs, entries))].map((piece) => piece.slice()),
    ).arrayBuffer(),
  )
  const digest = sha256(manifest)
  const stored = await succeed(
    await send(routePath('putManifest', { team, digest }), {
      method: 'PUT',
      headers: { 'content-type': ndjsonMediaType },
      body: manifest,
    }),
  )
  const { reservation } = manifestAnswerSchema.parse(await stored.json())
  await succeed(
    await send(routePath('createVersion', parameters), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ manifest: digest, reservation, commitId: crypto.randomUUID() }),
    }),
  )
}

async function succeed(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new TrackwayError('request_invalid', `The mock could not be seeded: ${await response.text()}`)
}
