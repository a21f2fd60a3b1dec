import {
  comparePaths,
  digestHex,
  hintOfNames,
  ndjsonMediaType,
  nearestPaths,
  TrackwayError,
  type VersionRecord,
} from '@trackway/protocol'
import { lookup } from 'mrmime'
import type { Caller } from '../../auth/caller.ts'
import { endOfSignedUrl, signUrl } from '../../auth/signed-urls.ts'
import type { Engine } from '../../engine/engine.ts'
import { forVersion } from '../../engine/damage.ts'
import { demandBlobs, readEntry } from '../../engine/read-entry.ts'
import type { ManifestSummary } from '../../engine/read-manifest.ts'
import type { StoredEntries } from '../../engine/stored-entries.ts'
import type { StoredEntry } from '../../engine/stored-entry.ts'
import { createArchive } from '../archive.ts'
import { bytesResponse, toReadableStream } from '../bytes-response.ts'
import { json, type RouteHandlers } from '../route-handler.ts'

// Types that a browser would run or render as a page of this server, with its permissions.
const active = /^(text\/html|application\/(xml|pdf|javascript)|text\/(xml|javascript|css)|\w+\/[\w.-]+\+xml)/

const tagPattern = /^v\d+$/i

const defaultLifeSeconds = 3600

export const fileHandlers: RouteHandlers<'getManifest' | 'getFile' | 'makeSignedUrls' | 'getArchive'> = {
  async getManifest({ engine, parameters: { revision, ...scope }, request, onBroken }) {
    const record = await engine.versions.resolve(scope, revision)
    const { manifest } = record
    return bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(manifest.digest),
        type: ndjsonMediaType,
        // It must match its record, which is read again each time: the store may have been restored from a
        // backup.
        headers: mayMove,
        open: (range) => forVersion(record, engine.manifests.open(scope.team, manifest.digest, range)),
        size: () => Promise.resolve(manifest.size),
      },
    )
  },

  async getFile({ engine, caller, parameters: { revision, path, ...scope }, request, onBroken }) {
    const record = await engine.versions.resolve(scope, revision)
    const stored = await findStored(entriesOf(engine, record), record, path)
    const { entry } = stored
    const version = { blobs: engine.blobs, record }
    return bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(entry.digest),
        type: lookup(path) ?? 'application/octet-stream',
        headers: { ...fileHeaders(path), ...cacheHeaders(revision), ...addressHeaders(caller) },
        open: (range) => Promise.resolve({ size: entry.size, body: readEntry(version, stored, range) }),
        size: () => Promise.resolve(entry.size),
      },
    )
  },

  async makeSignedUrls({ engine, caller, parameters: { revision, ...scope }, body }) {
    const { paths, expiresInSeconds = defaultLifeSeconds } = body
    const record = await engine.versions.resolve(scope, revision)
    const entries = entriesOf(engine, record)
    // In order, so that each part of a large manifest is read once.
    for (const path of [...new Set(paths)].sort(comparePaths)) await findStored(entries, record, path)
    const expires = endOfSignedUrl(caller.signing, expiresInSeconds)
    const urls = await Promise.all(
      paths.map(async (path) => ({
        path,
        query: await signUrl(caller.signing, { ...record, path }, expires),
      })),
    )
    const expiresAt = caller.signing === undefined ? null : new Date(expires * 1000).toISOString()
    return json({ tag: record.tag, expiresAt, urls })
  },

  async getArchive({ engine, parameters: { revision, ...scope }, request, onBroken }) {
    const record = await engine.versions.resolve(scope, revision)
    const { blobs, header, references } = await forVersion(
      record,
      engine.manifests.summarize(scope.team, record.manifest.digest),
    )
    demandAllStored({ references, files: header.files }, whereOf(record))
    const headers = {
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${record.name.replaceAll('/', '-')}-${record.tag}.tar"`,
      'x-content-type-options': 'nosniff',
      vary: 'Authorization',
      ...archiveCacheHeaders(revision),
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const version = { blobs: engine.blobs, record }
    await demandBlobs(version, blobs)
    const read = (entry: StoredEntry) => readEntry(version, entry)
    const entries = entriesOf(engine, record).all()
    const archive = createArchive(entries, new Date(record.createdAt), read)
    return new Response(toReadableStream(archive, onBroken), { headers })
  },
}

function entriesOf({ manifests }: Engine, { team, manifest }: VersionRecord): StoredEntries {
  return manifests.entries(team, manifest)
}

/** A file of a version whose bytes are stored here. Throws `not_found`. */
async function findStored(entries: StoredEntries, record: VersionRecord, path: string): Promise<StoredEntry> {
  const stored = await forVersion(record, entries.find(path))
  const where = whereOf(record)
  if (stored === undefined) {
    const hint = hintOfNames(nearestPaths(path, await forVersion(record, entries.around(path))))
    throw new TrackwayError('not_found', `${where} has no file ${path}`, { details: { path }, hint })
  }
  const { reference } = stored.entry
  if (reference === undefined) return stored
  throw new TrackwayError(
    'not_found',
    `The bytes of ${path} in ${where} are not stored here but at ${reference}`,
    {
      details: { path, reference },
    },
  )
}

function whereOf({ type, name, tag }: VersionRecord): string {
  return `${type}/${name}:${tag}`
}

/** An archive contains everything in the version: references are neither fetched nor silently left out. */
function demandAllStored(
  { references: { count, first }, files }: Pick<ManifestSummary, 'references'> & { files: number },
  where: string,
): void {
  const [one] = first
  if (one === undefined) return
  throw new TrackwayError(
    'not_found',
    `There is no archive of ${where}: the bytes of ${count} of its ${files} files are not stored here, such as those of ${one.path}, which are at ${one.reference}; fetch its files one by one, or download it with an SDK`,
    { details: { references: first } },
  )
}

const mayMove = { 'cache-control': 'private, no-cache' }

/**
 * The target of a tag never changes. An alias may move, and of two versions with one digest the newest is
 * used.
 */
function cacheHeaders(revision: string): Record<string, string> {
  return tagPattern.test(revision) ? {} : mayMove
}

/** An archive has no ETag to revalidate with, so one that may change is not cached at all. */
function archiveCacheHeaders(revision: string): Record<string, string> {
  return {
    'cache-control': tagPattern.test(revision) ? 'private, max-age=31536000, immutable' : 'private, no-store',
  }
}

/**
 * Content from a signed URL is cached no longer than the URL is valid, and a page does not send the URL to
 * others.
 */
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
