import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { sha256 } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, IntegrityError, login, type LoginOptions, type Session } from '../src/index.ts'
import { errorOf, noise, startServer, temporaryFolder, testHost } from './test-server.ts'
import { startWeb, type WebServer } from './web-server.ts'

const KiB = 1024
const MiB = 1024 * KiB
const retry = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 10_000 }

/** A session over a folder, whose requests to the web go to the web. */
async function openSession(options: LoginOptions = {}): Promise<Session> {
  const where = options.host === undefined ? { store: await temporaryFolder() } : {}
  const session = await login({ ...where, quiet: true, retry, ...options })
  await session.init({ experiment: 'references' })
  return session
}

/** A version of an entry at each address, and one that is stored. */
async function versionOf(session: Session, ...addresses: string[]): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('stored'), { name: 'stored.txt' })
  for (const address of addresses) await artifact.addReference(address)
  await session.uploadArtifact(artifact)
  return session.getArtifact('sample', 'dataset')
}

const known = (bytes: Uint8Array) => ({ digest: sha256(bytes), size: bytes.length })

test('the content at an address is versioned by its digest, and read from there', async () => {
  const large = noise(6 * MiB)
  const web = await startWeb({ '/data/a.csv': 'a,b\n1,2\n', '/large': large })
  const session = await openSession()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.addReference(`${web.url}/data/a.csv`)
  await artifact.addReference(new URL(`${web.url}/large`), { name: 'data/large.bin' })
  expect(web.requests).toHaveLength(2)
  expect(await artifact.entry('a.csv').text()).toBe('a,b\n1,2\n')

  const result = await session.uploadArtifact(artifact)
  expect(result).toMatchObject({ tag: 'V1', fileCount: 2, size: 8 + large.length, uploadedBytes: 0 })
  const stored = await session.getArtifact('sample', 'dataset')
  expect(stored).toMatchObject({ fileCount: 2, size: 8 + large.length })
  const entry = stored.entry('data/large.bin')
  expect(entry).toMatchObject({ reference: `${web.url}/large`, ...known(large), executable: false })
  expect(await stored.entry('a.csv').text()).toBe('a,b\n1,2\n')
  const streamed = await new Response(entry.stream()).bytes()
  expect(Buffer.compare(streamed, large)).toBe(0)
  expect(Buffer.compare(await entry.bytes(), large)).toBe(0)
  for (const { headers } of web.requests) {
    expect(headers).toMatchObject({ 'accept-encoding': 'identity' })
    expect(headers).not.toHaveProperty('authorization')
  }
})

test('nothing is fetched if a digest and a size are given', async () => {
  const artifact = new Artifact('sample', 'dataset')
  const { digest, size } = known(noise(100))
  await artifact.addReference('https://nowhere.invalid/some%20file.bin', { digest, size })
  const [entry] = artifact.entryList
  expect(entry).toMatchObject({ path: 'some file.bin', digest, size })
  expect(await (await openSession()).uploadArtifact(artifact)).toMatchObject({ created: true, size: 100 })
})

test('a digest or a size alone is checked against the content', async () => {
  const web = await startWeb({ '/a': 'hello' })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.addReference(`${web.url}/a`, { size: 5 })
  await artifact.addReference(`${web.url}/a`, {
    digest: sha256(new TextEncoder().encode('hello')),
    name: 'b',
  })
  expect(artifact.entryList.map(({ size }) => size)).toEqual([5, 5])
  await errorOf('integrity_error', artifact.addReference(`${web.url}/a`, { size: 4, name: 'c' }))
  await errorOf('integrity_error', artifact.addReference(`${web.url}/a`, { size: 6, name: 'c' }))
  const wrong = artifact.addReference(`${web.url}/a`, { digest: known(noise(1)).digest, name: 'c' })
  expect((await errorOf('integrity_error', wrong)).message).toContain(`${web.url}/a`)
  expect(artifact.fileCount).toBe(2)
})

test.each([
  ['ftp:', 'ftp://host/a'],
  ['file:', 'file:///etc/passwd'],
  ['data:', 'data:text/plain,x'],
  ['is not a URL', '/a/path'],
  ['a user or a password', 'https://user:pass@host/a'],
  ['%23', 'https://host/a#1.csv'],
  ['pass { name }', 'https://host/'],
  ['X-Amz-Credential', 'https://host/a?X-Amz-Credential=c&X-Amz-Signature=abc'],
  ['x-goog-signature', 'https://host/a?x-goog-signature=abc'],
  ['sig', 'https://host/a?sv=2020&sig=abc'],
  ['api_key', 'https://host/a?api_key=abc'],
  ['looks like a key', `https://host/a?k=tw_${'a'.repeat(43)}`],
  ['looks like a key', 'https://host/a?c=AKIAABCDEFGHIJKLMNOP'],
  ['does not name an object', 's3://bucket'],
  ['does not name an object', 's3://bucket/folder/'],
  ['?endpoint=', 's3://host:9000/a'],
  ['an invalid endpoint', 's3://bucket/a?endpoint=host:9000'],
  ['a user or a password', 's3://key:secret@bucket/a'],
  ['a user or a password', 's3://bucket/a?endpoint=https://key:secret@host'],
  ['profile', 's3://bucket/a?profile=work'],
])('an address is refused before anything is fetched if it has or is: %s', async (why, address) => {
  const fetch = vi.spyOn(globalThis, 'fetch')
  onTestFinished(() => fetch.mockRestore())
  const artifact = new Artifact('sample', 'dataset')
  const error = await errorOf('option_invalid', artifact.addReference(address))
  expect(error.message).toContain(why)
  expect(error.message).not.toMatch(/pass@|secret@|abc|AKIA|a{20}/)
  expect(fetch).not.toHaveBeenCalled()
})

test('what cannot be an entry is refused', async () => {
  const artifact = new Artifact('sample', 'dataset')
  const given = known(noise(10))
  await errorOf('option_invalid', artifact.addReference('https://host/a', { ...given, size: -1 }))
  await errorOf('digest_invalid', artifact.addReference('https://host/a', { ...given, digest: 'abc' }))
  await errorOf('path_invalid', artifact.addReference('https://host/a', { ...given, name: '../a' }))
  await errorOf('option_invalid', artifact.addReference(`https://host/${'a'.repeat(4096)}`, given))
  await artifact.addReference('https://host/a', given)
  await artifact.addReference('https://host/a', given) // The same again is not a conflict.
  const { message } = await errorOf('entry_conflict', artifact.addReference('https://other/a', given))
  expect(message).toContain('https://other/a')
})

test('a download and an asset contain references and stored files', async () => {
  vi.stubEnv('TRACKWAY_ASSETS_DIR', await temporaryFolder())
  onTestFinished(() => void vi.unstubAllEnvs())
  const large = noise(5 * MiB + 17)
  const web = await startWeb({ '/large.bin': large, '/empty': '', '/b.csv': 'b' })
  const session = await openSession()
  const artifact = await versionOf(session, `${web.url}/large.bin`, `${web.url}/empty`, `${web.url}/b.csv`)
  const target = join(await temporaryFolder(), 'target')
  const seen: { bytes: number; files: number; totalBytes: number }[] = []
  await artifact.download(target, { onProgress: (progress) => seen.push(progress), concurrency: 3 })
  expect(seen.at(-1)).toMatchObject({ files: 4, totalFiles: 4, bytes: 6 + 1 + large.length })
  expect(seen.at(-1)?.totalBytes).toBe(seen.at(-1)?.bytes)
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
  expect(Buffer.compare(await readFile(join(target, 'large.bin')), large)).toBe(0)

  web.requests.length = 0
  const csv = await artifact.download(join(await temporaryFolder(), 'csv'), { include: '*.csv' })
  expect(await readdir(csv)).toEqual(['b.csv'])
  await artifact.download(join(await temporaryFolder(), 'rest'), { exclude: ['*.csv', '*.bin'] })
  expect(web.requests.map(({ path }) => path)).toEqual(['/b.csv', '/empty'])

  const path = await session.fetchAsset('dataset/sample:V1[large.bin]', { quiet: true })
  expect(Buffer.compare(await readFile(path), large)).toBe(0)
  expect((await stat(path)).mode & 0o222).toBe(0)
  web.requests.length = 0
  expect(await session.fetchAsset('dataset/sample:V1[b.csv]')).toContain('V1')
  expect(web.requests).toEqual([])
})

test('references are fetched concurrently', async () => {
  const web = await startWeb({ '/a': 'a', '/b': 'b', '/c': 'c', '/d': 'd' })
  const artifact = await versionOf(
    await openSession(),
    ...[...web.files.keys()].map((path) => web.url + path),
  )
  // Nobody is answered before another one asks.
  const waiting: (() => void)[] = []
  web.answer = (request, response) => {
    waiting.push(() => web.give(request, response))
    if (waiting.length === 2) for (const give of waiting.splice(0)) give()
  }
  await artifact.download(join(await temporaryFolder(), 'target'), { concurrency: 2 })
  expect(web.requests).toHaveLength(8)
})

test('a range is requested, and cut out if the server sends the whole file', async () => {
  const bytes = noise(300 * KiB)
  const web = await startWeb({ '/a': bytes })
  const artifact = await versionOf(await openSession(), `${web.url}/a`)
  const entry = artifact.entry('a')
  web.requests.length = 0
  expect(await entry.bytes({ start: 1000, end: 1010 })).toEqual(bytes.slice(1000, 1010))
  expect(await entry.bytes({ start: 300 * KiB - 5 })).toEqual(bytes.slice(-5))
  expect(await entry.bytes({ start: 7, end: 7 })).toHaveLength(0)
  expect(web.requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-1009', 'bytes=307195-'])

  web.answer = (_, response) => response.writeHead(200).end(bytes)
  expect(await entry.bytes({ start: 1000, end: 1010 })).toEqual(bytes.slice(1000, 1010))
  expect(await entry.bytes({ start: 200 * KiB, end: 290 * KiB })).toEqual(bytes.slice(200 * KiB, 290 * KiB))
  // A different range than the requested one is invalid.
  web.answer = (request, response) => {
    if (request.headers.range === undefined) return web.give(request, response)
    response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}` }).end(bytes.subarray(0, 10))
  }
  expect(await entry.bytes({ start: 1000, end: 1010 })).toEqual(bytes.slice(1000, 1010))
})

test.each([
  ['other bytes', (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)],
  ['more bytes', (bytes: Uint8Array) => Buffer.concat([bytes, bytes])],
  ['fewer bytes', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
  ['no bytes', () => new Uint8Array()],
])('%s than were added are never returned', async (_, change) => {
  const files = { '/small': noise(10 * KiB), '/large': noise(5 * MiB, 2) }
  const web = await startWeb(files)
  const artifact = await versionOf(await openSession(), `${web.url}/small`, `${web.url}/large`)
  for (const [path, bytes] of Object.entries(files)) web.files.set(path, change(bytes))
  for (const name of ['small', 'large']) {
    const error = await errorOf('integrity_error', artifact.entry(name).bytes())
    expect(error).toBeInstanceOf(IntegrityError)
    expect(error.details).toMatchObject({ path: name, reference: `${web.url}/${name}` })
    expect(error.message).toContain(`${name} at ${web.url}/${name}: the content there has`)
    const target = join(await temporaryFolder(), 'target')
    await errorOf('integrity_error', artifact.download(target, { include: name }))
    await expect(stat(target)).rejects.toThrow('ENOENT')
  }
  // A stream that exceeds the memory budget is not read to its end.
  let streamed = 0
  const reading = async () => {
    for await (const piece of artifact.entry('large').stream()) streamed += piece.length
  }
  await errorOf('integrity_error', reading())
  expect(streamed).toBeLessThan(5 * MiB)
})

test('reading ends at the size of the entry', async () => {
  const web = await startWeb({ '/a': noise(1000) })
  const artifact = await versionOf(await openSession(), `${web.url}/a`)
  let closed: Promise<unknown> = Promise.resolve()
  web.answer = (_, response) => {
    closed = new Promise((resolve) => response.on('close', resolve))
    const piece = noise(64 * KiB)
    const more = () => {
      while (!response.destroyed && response.write(piece));
    }
    response.writeHead(200).on('drain', more)
    more()
  }
  await errorOf('integrity_error', artifact.entry('a').bytes())
  await closed // It has no end of its own.
})

test('redirects are followed without the key', async () => {
  const cdn = await startWeb({ '/blob/1': 'moved' })
  const web = await startWeb()
  web.answer = (_, response) => response.writeHead(302, { location: `${cdn.url}/blob/1` }).end()
  const { startMockServer } = await import('@trackway/mock-server')
  await using mock = await startMockServer()
  const session = await openSession({ host: mock.url, apiKey: mock.apiKey })
  const artifact = await versionOf(session, `${web.url}/a`)
  expect(artifact.entry('a').reference).toBe(`${web.url}/a`)
  expect(await artifact.entry('a').text()).toBe('moved')
  await artifact.download(join(await temporaryFolder(), 'target'))
  expect(cdn.requests).toHaveLength(3)
  expect(JSON.stringify([web.requests, cdn.requests])).not.toMatch(/authorization|tw_/)
})

test.each(['/loop', 'file:///etc/passwd', 'ftp://host/a'])(
  'a redirect to %s is an error at once',
  async (location) => {
    const web = await startWeb()
    web.answer = (_, response) => response.writeHead(302, { location }).end()
    const artifact = new Artifact('sample', 'dataset')
    await errorOf('network_error', artifact.addReference(`${web.url}/loop`))
  },
)

test('temporary failures are retried, and interrupted transfers are resumed', async () => {
  const bytes = noise(3 * MiB)
  const web = await startWeb({ '/a': bytes })
  const artifact = await versionOf(await openSession(), `${web.url}/a`)
  web.requests.length = 0
  const answers: WebServer['answer'][] = [
    (_, response) => response.writeHead(500).end(),
    (_, response) => response.destroy(),
    (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 2 * MiB), () => setImmediate(() => response.destroy()))
    },
    (_, response) => response.writeHead(502).end(),
  ]
  web.answer = (request, response) => (answers.shift() ?? web.give)(request, response)
  const target = join(await temporaryFolder(), 'target')
  await artifact.download(target)
  expect(Buffer.compare(await readFile(join(target, 'a')), bytes)).toBe(0)
  expect(web.requests).toHaveLength(5)
  expect(web.requests.at(-1)?.headers.range).toMatch(/^bytes=\d+-$/)
})

test('Retry-After is obeyed', async () => {
  const web = await startWeb({ '/a': 'a' })
  const artifact = await versionOf(
    await openSession({ retry: { firstDelayMs: 600_000, maxDelayMs: 600_000 } }),
    `${web.url}/a`,
  )
  for (const status of [503, 429]) {
    web.answer = (_, response) => {
      web.answer = web.give
      response.writeHead(status, { 'retry-after': '1' }).end()
    }
    expect(await artifact.entry('a').text()).toBe('a')
  }
})

test('reading to add is resumed only if the content is confirmed to be the same', async () => {
  const bytes = noise(2 * MiB)
  const web = await startWeb({ '/a': bytes })
  const breakOff = (headers: Record<string, string>) => {
    web.answer = (_, response) => {
      web.answer = ({ headers: { range } }, next) => {
        const start = Number(/\d+/.exec(range ?? '0')?.[0])
        const type = { ...headers, 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }
        next.writeHead(206, type).end(bytes.subarray(start))
      }
      response.writeHead(200, { ...headers, 'content-length': bytes.length })
      response.write(bytes.subarray(0, MiB), () => setImmediate(() => response.destroy()))
    }
  }
  const artifact = new Artifact('sample', 'dataset')
  breakOff({ etag: '"1"' })
  await artifact.addReference(`${web.url}/a`)
  expect(artifact.entry('a')).toMatchObject(known(bytes))
  expect(web.requests.at(-1)?.headers['if-range']).toBe('"1"')
  breakOff({ etag: 'W/"1"' })
  await errorOf('network_error', artifact.addReference(`${web.url}/a`, { name: 'b' }))
})

test('content that is added is read to its end, even if each range is shorter than requested', async () => {
  const bytes = noise(512 * KiB)
  const web = await startWeb()
  const etag = '"1"'
  const giveShortRanges = (total: number | string) => {
    web.answer = ({ headers: { range } }, response) => {
      const start = Number(/\d+/.exec(range ?? '0')?.[0])
      const end = Math.min(start + 200 * KiB, bytes.length)
      if (start > 0) {
        response.writeHead(206, { etag, 'content-range': `bytes ${start}-${end - 1}/${total}` })
        response.end(bytes.subarray(start, end))
        return
      }
      response.writeHead(200, { etag, 'content-length': bytes.length })
      response.write(bytes.subarray(0, end), () => setImmediate(() => response.destroy()))
    }
  }
  const session = await openSession()
  const artifact = await versionOf(session)
  giveShortRanges(bytes.length)
  await artifact.addReference(`${web.url}/a`)
  expect(artifact.entry('a')).toMatchObject(known(bytes))
  giveShortRanges('*')
  await errorOf('network_error', artifact.addReference(`${web.url}/a`, { name: 'b' }))
})

test('a server may send more than a thousand small pieces, one at a time', async () => {
  const bytes = noise(1100)
  const giveOne = ({ headers }: Request) => {
    const at = Number(/\d+/.exec(headers.get('range') ?? '0')?.[0])
    const range = { 'content-range': `bytes ${at}-${at}/${bytes.length}` }
    return Promise.resolve(new Response(bytes.slice(at, at + 1), { status: 206, headers: range }))
  }
  const noWaits = { firstDelayMs: 0, maxDelayMs: 0, budgetMs: 10_000 }
  const session = await openSession({ fetch: giveOne, retry: noWaits })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.addReference('https://data.test/a', known(bytes))
  await session.uploadArtifact(artifact)
  expect(Buffer.compare(await artifact.entry('a').bytes(), bytes)).toBe(0)
})

test('an address that is missing or not found is reported at once', async () => {
  const web = await startWeb({ '/a': 'a', '/secret': 's' })
  const session = await openSession()
  const artifact = await versionOf(session, `${web.url}/a`, `${web.url}/secret`)
  web.files.delete('/a')
  web.answer = (request, response) =>
    request.path === '/secret' ? response.writeHead(403).end() : web.give(request, response)
  web.requests.length = 0
  expect((await errorOf('not_found', artifact.entry('a').text())).message).toContain(`${web.url}/a`)
  expect((await errorOf('forbidden', artifact.entry('secret').text())).message).toContain('no credentials')
  expect(web.requests).toHaveLength(2)
})

test('a compressed response is decompressed, and is not accepted as a range', async () => {
  const bytes = new TextEncoder().encode('packed,'.repeat(1000))
  const web = await startWeb({ '/a': bytes })
  const artifact = await versionOf(await openSession(), `${web.url}/a`)
  const packed = gzipSync(bytes)
  web.answer = ({ headers }, response) => {
    const [, start, end] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? []
    const range = start === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${bytes.length}` }
    response.writeHead(start === undefined ? 200 : 206, { 'content-encoding': 'gzip', ...range })
    response.end(start === undefined ? packed : packed.subarray(Number(start), Number(end) + 1))
  }
  expect(await artifact.entry('a').bytes()).toEqual(bytes)
  expect(await artifact.entry('a').text({ start: 7, end: 13 })).toBe('packed')
  // A body that decompresses to more than the entry's size is not decompressed to its end.
  const bomb = gzipSync(Buffer.alloc(8 * MiB))
  web.answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  const { message } = await errorOf('integrity_error', artifact.entry('a').bytes())
  expect(message).toContain(`more than ${bytes.length} bytes`)
})

/** A server that begins to answer and then says nothing. */
async function stuck(bytes: Uint8Array): Promise<{ web: WebServer; begun: Promise<void> }> {
  const web = await startWeb()
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  web.answer = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, bytes.length - 1), () => resolve())
  }
  return { web, begun }
}

test('an abort ends adding, reading and downloading at once', async () => {
  const bytes = noise(100 * KiB)
  const { web, begun } = await stuck(bytes)
  const session = await openSession()
  const artifact = new Artifact('sample', 'dataset')
  const abortAfter = async (begin: (signal: AbortSignal) => Promise<unknown>) => {
    const abort = new AbortController()
    const call = begin(abort.signal)
    call.catch(() => {})
    await begun
    abort.abort()
    await errorOf('aborted', call)
  }
  await abortAfter((signal) => artifact.addReference(`${web.url}/a`, { signal }))
  await artifact.addReference(`${web.url}/a`, known(bytes))
  await abortAfter((signal) => artifact.entry('a').bytes({ signal }))
  await session.uploadArtifact(artifact)
  await abortAfter((signal) => artifact.entry('a').bytes({ signal }))
  const folder = await temporaryFolder()
  await abortAfter((signal) => artifact.download(join(folder, 'target'), { signal }))
  expect(await readdir(folder)).toEqual([])
})

test('an abort still works after a garbage collection', {
  timeout: 10_000,
}, async () => {
  setFlagsFromString('--expose-gc')
  const clear: unknown = runInNewContext('gc')
  if (typeof clear !== 'function') throw new Error('Nothing can be cleared away')
  const web = await startWeb({ '/a': noise(8 * MiB) })
  const session = await openSession()
  const artifact = await versionOf(session, `${web.url}/a`)
  const begun = Promise.withResolvers<void>()
  web.answer = (_, response) => {
    response.writeHead(200, { 'content-length': 8 * MiB })
    response.write(noise(KiB), () => begun.resolve())
  }
  const controller = new AbortController()
  const reading = errorOf('aborted', artifact.entry('a').bytes({ signal: controller.signal }))
  await begun.promise
  for (let count = 0; count < 5; count += 1) {
    await turn()
    clear()
  }
  controller.abort()
  await reading
})

test('a download resumes from what an earlier one left, and starts over if that is wrong', async () => {
  const bytes = noise(4 * MiB)
  const web = await startWeb({ '/a': bytes })
  const artifact = await versionOf(await openSession(), `${web.url}/a`)
  const folder = await temporaryFolder()
  const breakOff = async (target: string, content: Uint8Array) => {
    web.answer = (_, response) => {
      web.answer = (_request, next) => next.writeHead(403).end()
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(content, () => setImmediate(() => response.destroy()))
    }
    await errorOf('forbidden', artifact.download(target, { include: 'a' }))
    web.answer = web.give
    web.requests.length = 0
  }
  await breakOff(join(folder, 'right'), bytes.subarray(0, 3 * MiB))
  let reusedBytes = 0
  await artifact.download(join(folder, 'right'), {
    include: 'a',
    onProgress: (progress) => (reusedBytes = progress.reusedBytes),
  })
  expect(reusedBytes).toBeGreaterThanOrEqual(MiB)
  expect(web.requests.map(({ headers }) => headers.range)).toEqual([`bytes=${reusedBytes}-`])
  expect(Buffer.compare(await readFile(join(folder, 'right', 'a')), bytes)).toBe(0)

  await breakOff(join(folder, 'wrong'), noise(3 * MiB, 7))
  await artifact.download(join(folder, 'wrong'), { include: 'a' })
  expect(web.requests.map(({ headers }) => headers.range)).toEqual([expect.any(String), undefined])
  expect(Buffer.compare(await readFile(join(folder, 'wrong', 'a')), bytes)).toBe(0)
  expect(await readdir(folder)).toEqual(['right', 'wrong'])
})

test('a changed address makes a version, and the same one does not', async () => {
  const web = await startWeb({ '/a': 'same', '/new/a': 'same', '/b': 'other' })
  const session = await openSession()
  const artifact = await versionOf(session, `${web.url}/a`)
  const first = await session.getArtifact('sample', 'dataset', 'V1')
  await artifact.addReference(`${web.url}/a`)
  expect(await session.uploadArtifact(artifact)).toMatchObject({ tag: 'V1', created: false })
  await artifact.addReference(`${web.url}/new/a`)
  expect(await session.uploadArtifact(artifact)).toMatchObject({ tag: 'V2', created: true })
  expect((await session.getArtifact('sample', 'dataset')).entry('a').reference).toBe(`${web.url}/new/a`)
  await artifact.addReference(`${web.url}/b`, { name: 'a' })
  expect(await first.diff(artifact)).toMatchObject({
    added: [],
    changed: [{ path: 'a', size: 5 }],
    unchanged: 1,
  })

  // A changed address counts as a change in a merge, whichever side made it.
  const second = await session.getArtifact('sample', 'dataset', 'V2')
  await first.add(new TextEncoder().encode('c'), { name: 'c' })
  expect(await session.uploadArtifact(first, { onConflict: 'merge' })).toMatchObject({
    tag: 'V3',
    fileCount: 3,
  })
  expect(first.entry('a').reference).toBe(`${web.url}/new/a`)
  await second.addReference(`${web.url}/a`)
  expect(await session.uploadArtifact(second, { onConflict: 'merge' })).toMatchObject({
    tag: 'V4',
    fileCount: 3,
  })
  expect(second.entry('a').reference).toBe(`${web.url}/a`)
})

test("a session's own fetch also fetches references", async () => {
  const session = await openSession()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.addReference('https://data.test/a', known(noise(10)))
  await session.uploadArtifact(artifact)
  const asked: string[] = []
  const other = await login({
    store: new URL(session.url, 'file:').pathname,
    quiet: true,
    retry,
    fetch(request) {
      asked.push(request.url)
      return Promise.resolve(new Response(Buffer.from(noise(10))))
    },
  })
  const stored = await other.getArtifact('sample', 'dataset', 'V1', { experiment: 'references' })
  expect(await stored.entry('a').bytes()).toEqual(noise(10))
  await stored.addReference('https://data.test/b')
  expect(asked).toEqual(['https://data.test/a', 'https://data.test/b'])
})

test('hostile addresses are fetched only over http, https and s3', async () => {
  const asked: string[] = []
  const server = await startServer({
    elsewhere(request) {
      asked.push(request.url)
      return Promise.resolve(new Response('what the reader may see and its author may not'))
    },
  })
  const hostile = [
    'file:///etc/passwd',
    'data:text/plain,x',
    'blob:https://host/1',
    'not an address',
    'https://user:pass@host/a',
    's3://bucket/a?profile=admin',
    'http://169.254.169.254/latest/meta-data/iam',
  ]
  const draft = new Artifact('sample', 'dataset')
  for (const index of hostile.keys()) {
    const content = new TextEncoder().encode(`it has the digest of what would be there ${index}`)
    await draft.addReference(`https://data.test/${index}`, {
      name: `file-${index}`,
      ...known(content),
    })
  }
  await server.session.uploadArtifact(draft)
  // Another machine reads it, after somebody who may write to the store changed the addresses.
  vi.stubEnv('XDG_CACHE_HOME', await temporaryFolder())
  onTestFinished(() => void vi.unstubAllEnvs())
  const version = `${testHost}/api/v1/teams/tests/experiments/uncategorized/artifacts/dataset/sample/versions/V1`
  const honest = await (await server.fetch(new Request(`${version}/manifest`))).text()
  const changed = honest.replaceAll(/https:\/\/data\.test\/(\d)/g, (_, index) => hostile[index] ?? '')
  const manifest = known(new TextEncoder().encode(changed))
  server.intercept(async (request) => {
    if (request.url.endsWith('/manifest')) return new Response(changed)
    if (request.method !== 'GET' || !/\/versions\/\w+$/.test(request.url)) return undefined
    return Response.json({ ...Object(await (await server.fetch(request)).json()), manifest })
  })

  const artifact = await server.session.getArtifact('sample', 'dataset')
  expect(artifact.entryList.map(({ reference }) => reference)).toEqual(hostile)
  for (const entry of artifact.entryList.slice(0, -1)) {
    const { message } = await errorOf('file_unsupported', entry.bytes())
    expect(message).toContain(entry.path)
  }
  expect(asked).toEqual([])
  const folder = await temporaryFolder()
  await errorOf('file_unsupported', artifact.download(join(folder, 'all'), { concurrency: 1 }))
  await errorOf('integrity_error', artifact.download(join(folder, 'one'), { include: 'file-6' }))
  expect(asked).toEqual(['http://169.254.169.254/latest/meta-data/iam'])
  expect(await readdir(folder)).toEqual([])
})

test('a bucket needs the package that can read it', async () => {
  vi.doMock('@trackway/server/node', () => {
    throw new Error('it is not installed')
  })
  onTestFinished(() => {
    vi.doUnmock('@trackway/server/node')
  })
  const artifact = new Artifact('sample', 'dataset')
  const { message } = await errorOf('config_invalid', artifact.addReference('s3://bucket/a'))
  expect(message).toMatch(/Adding a from s3:.*@trackway\/server, which could not be loaded/)
})
