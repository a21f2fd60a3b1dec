import {
  brandOf,
  comparePaths,
  concatenateBytes,
  createManifest,
  encodeManifest,
  isBytes,
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
import { checkOptions, text, type KindsOf } from '@trackway/protocol/options'

/** Files by their paths: texts, or bytes. */
export type SeedFiles = Record<string, string | Uint8Array>

/** Artifacts by `type/name`: the files of one version, or of several versions, the oldest first. */
export type SeedArtifacts = Record<string, SeedFiles | SeedFiles[]>

/** Where to add seeds. */
export interface SeedScope {
  /** Default: `default`. */
  team?: string | undefined
  /** Default: `uncategorized`. */
  experiment?: string | undefined
}

/** Sends a request with the mock's own key, without its faults, and without recording it. */
export type SendSeed = (path: string, init: RequestInit) => Promise<Response>

/** Adds versions to a mock, over the protocol that clients use. */
export async function seedArtifacts(
  send: SendSeed,
  artifacts: SeedArtifacts,
  scope: SeedScope,
): Promise<void> {
  checkOptions('seed', scope, placeKinds)
  const { team = 'default', experiment = 'uncategorized' } = scope
  for (const [spec, versions] of Object.entries(checkArtifacts(artifacts))) {
    const { type, name } = parseSpec(spec)
    for (const files of Array.isArray(versions) ? versions : [versions]) {
      await seedVersion(send, { team, experiment, type, name }, files)
    }
  }
}

const placeKinds = { experiment: text('flowers'), team: text('vision') } satisfies KindsOf<SeedScope>

/** Checks the types of seeds, for callers without types. Throws `option_invalid`. */
function checkArtifacts(artifacts: SeedArtifacts): SeedArtifacts {
  const isContent = (content: unknown) => typeof content === 'string' || isBytes(content)
  const isVersion = (files: unknown) =>
    brandOf(files) === 'Object' && Object.values(Object(files)).every(isContent)
  if (brandOf(artifacts) === 'Object' && Object.values(artifacts).flat().every(isVersion)) return artifacts
  throw new TrackwayError(
    'option_invalid',
    "seed takes artifacts with the files of their versions, as texts or bytes, such as { 'dataset/sample': { 'a.csv': '1,2' } }",
  )
}

type ArtifactParameters = Record<'team' | 'experiment' | 'type' | 'name', string>

async function seedVersion(send: SendSeed, parameters: ArtifactParameters, files: SeedFiles): Promise<void> {
  const { team } = parameters
  const blobs: ManifestBlob[] = []
  const contents: Uint8Array[] = []
  const entries: ManifestEntry[] = []
  const indexes = new Map<string, number>()
  for (const [path, content] of Object.entries(files).sort(([a], [b]) => comparePaths(a, b))) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const digest = sha256(bytes)
    const size = bytes.length
    if (size > 0 && !indexes.has(digest)) {
      indexes.set(digest, blobs.push({ digest, size }) - 1)
      contents.push(bytes)
    }
    entries.push({
      path: parsePath(path),
      size,
      digest,
      parts: size === 0 ? [] : [[indexes.get(digest) ?? 0, 0, size]],
    })
  }
  if (blobs.length > 0)
    await succeed(
      await send(routePath('putBlobs', { team }), { method: 'POST', ...multipart(blobs, contents) }),
    )
  const manifest = concatenateBytes([...encodeManifest(createManifest(blobs, entries))]).slice()
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

/** Encoded by hand: a test's DOM has its own FormData, which the platform's requests do not accept. */
function multipart(blobs: readonly ManifestBlob[], contents: readonly Uint8Array[]): RequestInit {
  const boundary = crypto.randomUUID()
  const encoder = new TextEncoder()
  const parts = blobs.flatMap(({ digest }, index) => [
    encoder.encode(
      `--${boundary}\r\ncontent-disposition: form-data; name="${digest}"; filename="blob"\r\n\r\n`,
    ),
    contents[index] ?? new Uint8Array(),
    encoder.encode('\r\n'),
  ])
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: concatenateBytes([...parts, encoder.encode(`--${boundary}--\r\n`)]).slice(),
  }
}

async function succeed(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new TrackwayError('request_invalid', `The mock could not be seeded: ${await response.text()}`)
}
