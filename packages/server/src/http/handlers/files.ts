import {
  digestHex,
  ndjsonMediaType,
  TrackwayError,
  type Manifest,
  type ManifestEntry,
  type VersionRecord,
} from '@trackway/protocol'
import { lookup } from 'mrmime'
import type { Caller } from '../../auth/caller.ts'
import { endOfAddress, signAddress } from '../../auth/file-addresses.ts'
import type { Engine } from '../../engine/engine.ts'
import { nearestHint } from '../../engine/nearest.ts'
import { forVersion } from '../../engine/damage.ts'
import { demandBlobs, readEntry } from '../../engine/read-entry.ts'
import type { ArtifactPlace } from '../../layout.ts'
import { createArchive } from '../archive.ts'
import { bytesResponse, toReadableStream } from '../bytes-response.ts'
import { json, type RouteHandlers } from '../route-handler.ts'

// What a browser would run or render as a page of this server's, and with its rights.
const active = /^(text\/html|application\/(xml|pdf|javascript)|text\/(xml|javascript|css)|\w+\/[\w.-]+\+xml)/

const tagPattern = /^v\d+$/i

const defaultLifeSeconds = 3600

/** Files that an error names. */
const mostNamed = 10

export const fileHandlers: RouteHandlers<'getManifest' | 'getFile' | 'makeFileAddresses' | 'getArchive'> = {
  async getManifest({ engine, parameters: { reference, ...place }, request, onBroken }) {
    const record = await engine.versions.resolve(place, reference)
    const { manifest } = record
    return bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(manifest.digest),
        type: ndjsonMediaType,
        // It has to fit its record, which is asked for again each time: the store may have been put back from a backup.
        headers: mayMove,
        open: (range) => forVersion(record, engine.manifests.open(place.team, manifest.digest, range)),
        size: () => Promise.resolve(manifest.size),
      },
    )
  },

  async getFile({ engine, caller, parameters: { reference, path, ...place }, request, onBroken }) {
    const { entry, ...version } = await findEntry(engine, place, { reference, path })
    return bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(entry.digest),
        type: lookup(path) ?? 'application/octet-stream',
        headers: { ...fileHeaders(path), ...cacheHeaders(reference), ...addressHeaders(caller) },
        open: (range) => Promise.resolve({ size: entry.size, body: readEntry(version, entry, range) }),
        size: () => Promise.resolve(entry.size),
      },
    )
  },

  async makeFileAddresses({ engine, caller, parameters: { reference, ...place }, body }) {
    const { paths, expiresInSeconds = defaultLifeSeconds } = body
    const record = await engine.versions.resolve(place, reference)
    await demandFiles(engine, record, paths)
    const expires = endOfAddress(caller.signing, expiresInSeconds)
    const addresses = await Promise.all(
      paths.map(async (path) => ({
        path,
        query: await signAddress(caller.signing, { ...record, path }, expires),
      })),
    )
    const expiresAt = caller.signing === undefined ? null : new Date(expires * 1000).toISOString()
    return json({ tag: record.tag, expiresAt, addresses })
  },

  async getArchive({ engine, parameters: { reference, ...place }, request, onBroken }) {
    const record = await engine.versions.resolve(place, reference)
    const manifest = await readManifest(engine, record)
    demandAllStored(manifest, whereOf(record))
    const headers = {
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${record.name.replaceAll('/', '-')}-${record.tag}.tar"`,
      'x-content-type-options': 'nosniff',
      vary: 'Authorization',
      ...archiveCacheHeaders(reference),
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const version = { blobs: engine.blobs, record, manifest }
    await demandBlobs(version)
    const read = (entry: ManifestEntry) => readEntry(version, entry)
    const archive = createArchive(manifest, new Date(record.createdAt), read)
    return new Response(toReadableStream(archive, onBroken), { headers })
  },
}

async function findEntry(
  engine: Engine,
  place: ArtifactPlace,
  { reference, path }: { reference: string; path: string },
) {
  const record = await engine.versions.resolve(place, reference)
  const manifest = await readManifest(engine, record)
  const found = manifest.entries.find((candidate) => candidate.path === path)
  const entry = demandStored(found, { record, manifest, path })
  return { entry, record, manifest, blobs: engine.blobs }
}

function readManifest({ manifests }: Engine, record: VersionRecord): Promise<Manifest> {
  return forVersion(record, manifests.read(record.team, record.manifest.digest))
}

/** Makes sure that a version has these files, and has them here. Throws `not_found`. */
async function demandFiles(engine: Engine, record: VersionRecord, paths: readonly string[]): Promise<void> {
  const manifest = await readManifest(engine, record)
  const wanted = new Set(paths)
  const entries = manifest.entries.filter(({ path }) => wanted.has(path))
  const found = new Map(entries.map((entry) => [entry.path, entry]))
  for (const path of wanted) demandStored(found.get(path), { record, manifest, path })
}

function demandStored(
  entry: ManifestEntry | undefined,
  { record, manifest, path }: { record: VersionRecord; manifest: Manifest; path: string },
): ManifestEntry {
  const where = whereOf(record)
  if (entry === undefined) {
    const hint = nearestHint(
      path,
      manifest.entries.slice(0, 10_000).map((candidate) => candidate.path),
    )
    throw new TrackwayError('not_found', `${where} has no file ${path}${hint}`, { details: { path } })
  }
  if (entry.reference === undefined) return entry
  throw new TrackwayError(
    'not_found',
    `The bytes of ${path} in ${where} are not stored here but at ${entry.reference}`,
    {
      details: { path, reference: entry.reference },
    },
  )
}

function whereOf({ type, name, tag }: VersionRecord): string {
  return `${type}/${name}:${tag}`
}

/** An archive has all that the version has: what stays elsewhere is not fetched for anybody, and not left out unsaid. */
function demandAllStored({ entries }: Manifest, where: string): void {
  const elsewhere = entries.filter((entry) => entry.reference !== undefined)
  const [first] = elsewhere
  if (first === undefined) return
  throw new TrackwayError(
    'not_found',
    `There is no archive of ${where}: the bytes of ${elsewhere.length} of its ${entries.length} files are not stored here, such as those of ${first.path}, which stay at ${first.reference}; fetch its files one by one, or download it by an SDK`,
    {
      details: {
        references: elsewhere.slice(0, mostNamed).map(({ path, reference }) => ({ path, reference })),
      },
    },
  )
}

const mayMove = { 'cache-control': 'private, no-cache' }

/** What a tag names never changes. An alias may move, and of two versions with one digest the newest answers. */
function cacheHeaders(reference: string): Record<string, string> {
  return tagPattern.test(reference) ? {} : mayMove
}

/** An archive has no ETag to ask by, so what may move is not kept at all. */
function archiveCacheHeaders(reference: string): Record<string, string> {
  return {
    'cache-control': tagPattern.test(reference)
      ? 'private, max-age=31536000, immutable'
      : 'private, no-store',
  }
}

/** What came by an address is kept by nobody longer than it is good for, and a page does not tell others where it is from. */
function addressHeaders({ until }: Caller): Record<string, string> {
  if (until === undefined) return {}
  const seconds = Math.max(until - Math.ceil(Date.now() / 1000), 0)
  return { 'cache-control': `private, max-age=${seconds}, immutable`, 'referrer-policy': 'no-referrer' }
}

function fileHeaders(path: string): Record<string, string> {
  const type = lookup(path)
  if (type === undefined || !active.test(type)) return {}
  return { 'content-disposition': 'attachment', 'content-security-policy': "sandbox; default-src 'none'" }
}
