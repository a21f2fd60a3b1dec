import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseManifest, sha256, versionDigest, type VersionRecord } from '@trackway/protocol'
import { describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { Artifact, type Session } from '../src/index.ts'
import { errorOf, startServer, temporaryFolder, type TestServer } from './test-server.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const MiB = 1024 * 1024

interface Lie {
  /** The manifest that the record names. */
  manifest?: Uint8Array
  /** What is sent as the manifest, if that is something else. */
  sent?: () => BodyInit
  blob?: (request: Request) => Response
}

/** A server with one version, of which it says what the test wants it to say. */
async function lyingServer(lie: Lie, options?: Parameters<typeof startServer>[0]) {
  const server = await startServer(options)
  const draft = new Artifact('sample', 'dataset')
  await draft.add(encode('content'), { name: 'file' })
  await server.session.uploadArtifact(draft)
  const { manifest, sent, blob } = lie
  server.intercept(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname.includes('/blobs/') && blob !== undefined) return blob(request)
    if (manifest === undefined) return undefined
    if (pathname.endsWith('/manifest')) return new Response(sent?.() ?? manifest.slice())
    if (!pathname.endsWith('/versions/V1')) return undefined
    const record: object = await (await server.fetch(request)).json()
    return Response.json({
      ...record,
      ...factsOf(manifest),
      manifest: { digest: sha256(manifest), size: manifest.length },
    })
  })
  return server
}

/** What the record of a version states about a manifest; nothing if it is invalid. */
function factsOf(manifest: Uint8Array) {
  try {
    const { header, entries } = parseManifest(manifest)
    return { digest: versionDigest(entries), fileCount: header.files, size: header.bytes }
  } catch {
    return {}
  }
}

/** A manifest that lists files of these bytes as they come, whatever the rules say. */
function manifestOf(files: Record<string, string>): Uint8Array {
  const contents = Object.entries(files)
  const blob = contents.map(([, content]) => content).join('')
  let offset = 0
  const entries = contents.map(([path, content]) => {
    const parts = [[0, offset, content.length]]
    offset += content.length
    return { path, size: content.length, digest: sha256(encode(content)), parts }
  })
  const header = { formatVersion: 1, chunker: 'x', files: entries.length, bytes: blob.length }
  const lines = [header, [sha256(encode(blob)).slice(7), blob.length], ...entries]
  return encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** Everything below a folder, with what links point at. */
async function listAll(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort()
}

async function get(server: TestServer) {
  return server.session.getArtifact('sample', 'dataset', 'V1')
}

test.each([
  '../outside',
  'a/../../outside',
  '..',
  '.',
  '',
  '/etc/outside',
  '//server/share/outside',
  '\\\\server\\share\\outside',
  '..\\outside',
  'C:\\outside',
  'a//b',
  'a/',
  'nul\u0000byte',
  'line\nfeed',
  '\u009b31m',
  'e\u0301',
  '\ud800',
  'x'.repeat(256),
])('a manifest with the path %j is refused, and nothing is written', async (path) => {
  const server = await lyingServer({ manifest: manifestOf({ [path]: 'evil' }) })
  const folder = await temporaryFolder()
  await errorOf(
    'manifest_invalid',
    get(server).then((artifact) => artifact.download(join(folder, 'target'))),
  )
  expect(await listAll(folder)).toEqual([])
})

test.each([
  ['twice', { a: 'evil', 'a\u0000': 'x' }],
  ['as a file and a folder', { a: 'evil', 'a/b': 'evil' }],
  ['out of order', { b: 'evil', a: 'evil' }],
])('a manifest that names a path %s is refused', async (_, files) => {
  const server = await lyingServer({ manifest: manifestOf(files) })
  await errorOf('manifest_invalid', get(server))
})

test('names that this disk does not tell apart, or keeps for itself, never overwrite each other', async () => {
  const files = { 'A.txt': 'one', CON: 'two', 'a.txt': 'three', 'c:x': 'four' }
  const bytes = Object.values(files).join('')
  const server = await lyingServer({
    manifest: manifestOf(files),
    blob: () => new Response(bytes),
  })
  const target = join(await temporaryFolder(), 'target')
  const error: unknown = await (await get(server)).download(target).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  // For a disk that cannot hold both, that is reported before anything is written.
  if (error !== undefined) expect(error).toMatchObject({ code: 'target_unsupported' })
  else
    for (const [name, content] of Object.entries(files))
      expect(await readFile(join(target, name), 'utf8')).toBe(content)
})

describe('what a server sends too much, too little or wrong', () => {
  it.each([
    ['another content', () => new Response('evil!!!')],
    ['less than announced', () => new Response('cont')],
    ['more than announced', () => new Response('content and more')],
    ['an answer without an end', () => new Response(endless())],
    ['nothing', () => new Response(null)],
    ['a range that nobody asked for', () => new Response('ent', { status: 206 })],
  ])('%s is an integrity error, and leaves nothing behind', async (_, blob) => {
    const server = await lyingServer({ blob })
    const folder = await temporaryFolder()
    await errorOf('integrity_error', (await get(server)).download(join(folder, 'target')))
    expect(await listAll(folder)).toEqual([])
    await errorOf('integrity_error', (await get(server)).entry('file').text())
  })

  it('the disk never holds more than the manifest announced', async () => {
    const folder = await temporaryFolder()
    const seen: number[] = []
    const watched = () =>
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          seen.push(await bytesIn(folder))
          controller.enqueue(new Uint8Array(3))
        },
      })
    const server = await lyingServer({ blob: () => new Response(watched()) })
    await errorOf('integrity_error', (await get(server)).download(join(folder, 'target')))
    expect(seen.length).toBeGreaterThan(2)
    // Besides the seven bytes of the version there is only the file that names the writer.
    expect(Math.max(...seen)).toBeLessThan(300)
  })

  it('a manifest of another digest, or one without an end, is refused', async () => {
    const manifest = manifestOf({ file: 'announced' })
    const other = manifestOf({ file: 'sent' })
    await errorOf('integrity_error', get(await lyingServer({ manifest, sent: () => other.slice() })))
    const error = await errorOf(
      'integrity_error',
      get(await lyingServer({ manifest, sent: () => endless() })),
    )
    expect(error.message).toContain(`more than the ${manifest.length} bytes that its record states`)
  })

  it('an endless JSON response is aborted', async () => {
    const server = await startServer()
    const piece = encode(' '.repeat(16 * MiB))
    server.intercept(() => new Response(endless(piece)))
    const error = await errorOf('not_trackway', get(server))
    expect(error.message).toContain('more than 16777216 bytes')
  })

  it('limits beyond those of the format are not believed', async () => {
    const huge = 2 ** 50
    const manifest = encode(
      [
        { formatVersion: 1, chunker: 'x', files: 1, bytes: huge },
        ['0'.repeat(64), huge],
        { path: 'file', size: huge, digest: sha256(encode('')), parts: [[0, 0, huge]] },
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
    const limits = { requestBytes: huge, blobBytes: huge, digests: huge, entries: huge, manifestBytes: huge }
    const server = await lyingServer({ manifest }, { limits })
    await errorOf('manifest_invalid', get(server))
  })
})

describe('a server that returns another version than it claims', () => {
  /** A server with a good and an evil version, and the digest that the good one was pinned by. */
  async function liar(lie: (good: VersionRecord, evil: VersionRecord) => Partial<VersionRecord>) {
    const server = await startServer()
    const records: VersionRecord[] = []
    for (const text of ['good', 'evil']) {
      const draft = new Artifact('sample', 'dataset')
      await draft.add(encode(text), { name: 'file' })
      await server.session.uploadArtifact(draft)
      const path = `/teams/tests/experiments/uncategorized/artifacts/dataset/sample/versions/V${records.length + 1}`
      records.push(await (await server.fetch(new Request(`http://test/api/v1${path}`))).json())
    }
    server.forget()
    const [good, evil] = records
    if (good === undefined || evil === undefined) throw new Error('The versions were not made')
    server.intercept(async (request) => {
      const { pathname } = new URL(request.url)
      if (pathname.endsWith('/manifest')) {
        return server.fetch(new Request(request.url.replace(/versions\/[^/]+/, 'versions/V2'), request))
      }
      if (request.method === 'GET' && /\/versions\/[^/]+$/.test(pathname))
        return Response.json({ ...evil, aliases: [], ...lie(good, evil) })
      return undefined
    })
    vi.stubEnv('TRACKWAY_ASSETS_DIR', join(await temporaryFolder(), 'assets'))
    onTestFinished(() => void vi.unstubAllEnvs())
    return { server, good }
  }

  const deceptions: [string, Parameters<typeof liar>[0]][] = [
    ['its own manifest under the digest that was asked for', ({ digest, tag }) => ({ digest, tag })],
    ['another version', () => ({})],
    ['a version of another artifact', (good) => ({ ...good, name: 'other' })],
    ['a version of another type', (good) => ({ ...good, type: 'model' })],
    ['a version of another experiment', (good) => ({ ...good, experiment: 'another' })],
    ['a version of another team', (good) => ({ ...good, team: 'another' })],
  ]
  const calls: [string, (session: Session, spec: string) => Promise<unknown>][] = [
    ['getArtifact', (session, spec) => session.getArtifact(spec)],
    ['fetchAsset', (session, spec) => session.fetchAsset(spec, { quiet: true })],
    ['fetchAsset of a file', (session, spec) => session.fetchAsset(`${spec}[file]`, { quiet: true })],
    ['fetchAsset with verify', (session, spec) => session.fetchAsset(spec, { quiet: true, verify: true })],
    ['push', async (session, spec) => session.push(spec, { to: (await startServer()).session, quiet: true })],
  ]

  describe.each(deceptions)('%s', (_, deception) => {
    it.each(calls)('is refused by %s', async (__, call) => {
      const { server, good } = await liar(deception)
      for (const revision of ['V1', good.digest, good.digest.slice(0, 19)]) {
        const error = await errorOf('integrity_error', call(server.session, `dataset/sample:${revision}`))
        expect(error.message).toContain('http://test')
      }
      expect(server.requests.filter((request) => request.includes('/blobs/'))).toEqual([])
    })
  })

  test('its digest of what was uploaded is not believed', async () => {
    const server = await startServer()
    server.intercept(async (request) => {
      if (request.method !== 'POST' || !request.url.endsWith('/versions')) return undefined
      const record: object = await (await server.fetch(request)).json()
      return Response.json({ ...record, digest: sha256(encode('evil')) }, { status: 201 })
    })
    const draft = new Artifact('sample', 'dataset')
    await draft.add(encode('content'), { name: 'file' })
    await errorOf('integrity_error', server.session.uploadArtifact(draft))
  })

  test('a 304 that was not requested does not end in an endless loop', async () => {
    const server = await startServer()
    server.intercept(() => new Response(null, { status: 304 }))
    await errorOf('integrity_error', server.session.getArtifact('sample', 'dataset', 'V1'))
  })
})

/** Bytes that never end. */
function endless(piece: Uint8Array = new Uint8Array(MiB)): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(piece.slice()) })
}

/** Bytes of all files below a folder. */
async function bytesIn(folder: string): Promise<number> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name))
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
