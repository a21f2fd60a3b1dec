import { digestHex, ndjsonMediaType, TrackwayError, type ManifestEntry } from '@trackway/protocol'
import { lookup } from 'mrmime'
import type { Engine } from '../../engine/engine.ts'
import { nearestHint } from '../../engine/nearest.ts'
import { readEntry } from '../../engine/read-entry.ts'
import type { ArtifactPlace } from '../../layout.ts'
import { createArchive } from '../archive.ts'
import { bytesResponse, toReadableStream } from '../bytes-response.ts'
import type { RouteHandlers } from '../route-handler.ts'

// What a browser would run or render as a page of this server's, and with its rights.
const active =
  /^(text\/html|image\/svg\+xml|application\/(xhtml\+xml|xml|pdf|javascript)|text\/(xml|javascript|css))/

export const fileHandlers: RouteHandlers<'getManifest' | 'getFile' | 'getArchive'> = {
  async getManifest({ engine, parameters: { reference, ...place }, request }) {
    const { manifest } = await engine.versions.resolve(place, reference)
    return bytesResponse(request, {
      tag: digestHex(manifest.digest),
      type: ndjsonMediaType,
      headers: cacheHeaders(reference),
      open: () => engine.manifests.open(place.team, manifest.digest),
      size: () => Promise.resolve(manifest.size),
    })
  },

  async getFile({ engine, parameters: { reference, path, ...place }, request }) {
    const { entry, manifest } = await findEntry(engine, place, { reference, path })
    const { team } = place
    return bytesResponse(request, {
      tag: digestHex(entry.digest),
      type: lookup(path) ?? 'application/octet-stream',
      headers: { ...fileHeaders(path), ...cacheHeaders(reference) },
      open: (range) =>
        Promise.resolve({
          size: entry.size,
          body: readEntry({ blobs: engine.blobs, team, manifest }, entry, range),
        }),
      size: () => Promise.resolve(entry.size),
    })
  },

  async getArchive({ engine, parameters: { reference, ...place }, request }) {
    const record = await engine.versions.resolve(place, reference)
    const headers = {
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${record.name.replaceAll('/', '-')}-${record.tag}.tar"`,
      'x-content-type-options': 'nosniff',
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const manifest = await engine.manifests.read(place.team, record.manifest.digest)
    const read = (entry: ManifestEntry) =>
      readEntry({ blobs: engine.blobs, team: place.team, manifest }, entry)
    return new Response(toReadableStream(createArchive(manifest, new Date(record.createdAt), read)), {
      headers,
    })
  },
}

async function findEntry(
  engine: Engine,
  place: ArtifactPlace,
  { reference, path }: { reference: string; path: string },
) {
  const record = await engine.versions.resolve(place, reference)
  const manifest = await engine.manifests.read(place.team, record.manifest.digest)
  const entry = manifest.entries.find((candidate) => candidate.path === path)
  const where = `${record.type}/${record.name}:${record.tag}`
  if (entry === undefined) {
    const hint = nearestHint(
      path,
      manifest.entries.slice(0, 10_000).map((candidate) => candidate.path),
    )
    throw new TrackwayError('not_found', `${where} has no file ${path}${hint}`, { details: { path } })
  }
  if (entry.reference === undefined) return { entry, manifest }
  throw new TrackwayError(
    'not_found',
    `The bytes of ${path} in ${where} are not stored here but at ${entry.reference}`,
    {
      details: { path, reference: entry.reference },
    },
  )
}

/** What a tag names never changes. An alias may move, and of two versions with one digest the newest answers. */
function cacheHeaders(reference: string): Record<string, string> {
  return /^v\d+$/i.test(reference) ? {} : { 'cache-control': 'private, no-cache' }
}

function fileHeaders(path: string): Record<string, string> {
  const type = lookup(path)
  if (type === undefined || !active.test(type)) return {}
  return { 'content-disposition': 'attachment', 'content-security-policy': "sandbox; default-src 'none'" }
}
