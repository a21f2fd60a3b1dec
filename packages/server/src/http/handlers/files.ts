import { comparePaths, digestHex, type fileRoutes } from '@trackway/protocol'
import { lookup } from 'mrmime'
import type { Caller } from '../../auth/caller.ts'
import { endOfSignedUrl, signUrl } from '../../auth/signed-urls.ts'
import { createArchive } from '../archive.ts'
import { bytesResponse, mayMove, toReadableStream } from '../bytes-response.ts'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

// Types that a browser would run or render as a page of this server, with its permissions.
const active = /^(text\/html|application\/(xml|pdf|javascript)|text\/(xml|javascript|css)|\w+\/[\w.-]+\+xml)/

const tagPattern = /^v\d+$/i

const defaultLifeSeconds = 3600

export const fileHandlers: RouteHandlers<typeof fileRoutes> = {
  async getFile({ engine, caller, parameters: { revision, path, ...scope }, request, onBroken }) {
    const record = await engine.versions.resolve(scope, revision)
    const files = engine.files(record)
    const file = await files.find(path)
    const { digest, size } = file.entry
    return bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(digest),
        type: lookup(path) ?? 'application/octet-stream',
        headers: { ...fileHeaders(path), ...cacheHeaders(revision), ...addressHeaders(caller) },
        open: (range) => Promise.resolve({ size, body: files.read(file, range) }),
        size: () => Promise.resolve(size),
      },
    )
  },

  async makeSignedUrls({ engine, caller, parameters: { revision, ...scope }, body }) {
    const { paths, expiresInSeconds = defaultLifeSeconds } = body
    const record = await engine.versions.resolve(scope, revision)
    const files = engine.files(record)
    // In order, so that each part of a large manifest is read once.
    for (const path of [...new Set(paths)].sort(comparePaths)) await files.find(path)
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
    const files = engine.files(record)
    const all = await files.all()
    const headers = {
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${record.name.replaceAll('/', '-')}-${record.tag}.tar"`,
      'x-content-type-options': 'nosniff',
      vary: 'Authorization',
      ...archiveCacheHeaders(revision),
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const archive = createArchive(await all.open(), new Date(record.createdAt), files.read)
    return new Response(toReadableStream(archive, onBroken), { headers })
  },
}

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
