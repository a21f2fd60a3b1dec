import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Artifact } from '../src/index.ts'
import { errorOf, noise, startServer, type TestServer } from './test-server.ts'

const MiB = 1024 * 1024

async function stored(server: TestServer, files: Record<string, Uint8Array>): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  for (const [name, bytes] of Object.entries(files)) await artifact.add(bytes, { name })
  await server.session.uploadArtifact(artifact)
  return server.session.getArtifact('sample', 'dataset')
}

/** Counts the bytes of the answers to requests for blobs. */
function countFetched(server: TestServer): () => number {
  let fetched = 0
  server.intercept(async (request) => {
    if (!request.url.includes('/blobs/')) return undefined
    const response = await server.fetch(request)
    const { byteLength } = await response.clone().arrayBuffer()
    fetched += byteLength
    return response
  })
  return () => fetched
}

test('an entry is read as text, JSON, bytes and a stream', async () => {
  const server = await startServer()
  const bytes = new TextEncoder().encode('{"größe":1}')
  const artifact = await stored(server, { 'a.json': bytes, empty: new Uint8Array() })
  const entry = artifact.entry('a.json')
  expect(await entry.text()).toBe('{"größe":1}')
  expect(await entry.json()).toEqual({ größe: 1 })
  expect(await entry.bytes()).toEqual(bytes)
  expect(await new Response(entry.stream()).text()).toBe('{"größe":1}')
  expect(await artifact.entry('empty').text()).toBe('')
  expect(entry).toMatchObject({ path: 'a.json', size: bytes.length, executable: false })
  expect(entry.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test('only what is read is fetched', async () => {
  const server = await startServer()
  const large = noise(12 * MiB)
  const artifact = await stored(server, { large, small: noise(5000, 2), other: noise(5000, 3) })
  const fetched = countFetched(server)
  const read = async (start: number, end: number) => artifact.entry('large').bytes({ start, end })
  expect(await read(5 * MiB, 5 * MiB + 100)).toEqual(large.slice(5 * MiB, 5 * MiB + 100))
  expect(fetched()).toBe(100)
  expect(Buffer.from(await read(100, 9 * MiB)).equals(large.slice(100, 9 * MiB))).toBe(true)
  expect(fetched()).toBe(9 * MiB)
  await artifact.entry('small').bytes()
  expect(fetched()).toBe(9 * MiB + 5000)
  expect(await artifact.entry('small').bytes({ start: 4990 })).toHaveLength(10)
  expect(fetched()).toBe(9 * MiB + 5010)
})

test('a range may extend beyond the end, and must be valid', async () => {
  const server = await startServer()
  const artifact = await stored(server, { a: noise(100) })
  const local = new Artifact('sample', 'dataset')
  await local.add(noise(100), { name: 'a' })
  for (const entry of [artifact.entry('a'), local.entry('a')]) {
    expect(await entry.bytes({ start: 90, end: 1000 })).toEqual(noise(100).slice(90))
    expect(await entry.bytes({ start: 1000 })).toHaveLength(0)
    expect(await entry.bytes({ start: 10, end: 10 })).toHaveLength(0)
    expect(await entry.bytes({ end: 10 })).toEqual(noise(100).slice(0, 10))
    for (const range of [{ start: -1 }, { start: 5, end: 4 }, { end: 1.5 }]) {
      await errorOf('option_invalid', entry.bytes(range))
    }
  }
})

test('altered bytes are fetched again, and never returned', async () => {
  const server = await startServer()
  const artifact = await stored(server, { small: noise(5000), large: noise(9 * MiB, 2) })
  let altered = 1
  server.intercept(async (request) => {
    if (!request.url.includes('/blobs/') || altered === 0) return undefined
    altered -= 1
    const response = await server.fetch(request)
    const bytes = new Uint8Array(await response.arrayBuffer())
    bytes[10] = (bytes[10] ?? 0) ^ 1
    return new Response(bytes, response)
  })
  expect(await artifact.entry('small').bytes()).toEqual(noise(5000))
  altered = Number.POSITIVE_INFINITY
  const error = await errorOf('integrity_error', artifact.entry('small').bytes())
  expect(error.message).toContain('small')
  const reader = artifact.entry('large').stream().getReader()
  await errorOf('integrity_error', reader.read())
})

test('an abort ends the reading', async () => {
  const server = await startServer()
  const artifact = await stored(server, { large: noise(9 * MiB) })
  const abort = new AbortController()
  const reader = artifact.entry('large').stream({ signal: abort.signal }).getReader()
  await reader.read()
  abort.abort()
  const rest = async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read());
  }
  await errorOf('aborted', rest())
})

test('a run that reads a version is recorded as its reader', async () => {
  const server = await startServer()
  await stored(server, { a: noise(10) })
  const { session } = server
  const run = await session.init({ quiet: true })
  const artifact = await session.getArtifact('sample', 'dataset', 'V1')
  await artifact.add(noise(10, 2), { name: 'b' })
  await session.uploadArtifact(artifact)
  const summary = await session.getRun(run.name)
  const version = { experiment: run.experiment, type: 'dataset', name: 'sample' }
  expect(summary.inputs).toEqual([{ ...version, tag: 'V1' }])
  expect(summary.outputs).toEqual([{ ...version, tag: 'V2' }])
})

test('the error for a missing version suggests similar ones', async () => {
  const server = await startServer()
  await stored(server, { a: noise(10) })
  const { message } = await errorOf('not_found', server.session.getArtifact('sampel', 'dataset'))
  expect(message).toContain('sample')
  expect(
    (await errorOf('not_found', server.session.getArtifact('sample', 'dataset', 'V7'))).message,
  ).toContain('V1')
  await errorOf('not_found', server.session.getArtifact('sample', 'dataset', 'production'))
  await errorOf('revision_invalid', server.session.getArtifact('sample', 'dataset', 'not a revision'))
  await errorOf('name_invalid', server.session.getArtifact('bad name', 'dataset'))
})

test('a diff says what changes from one version to the other', async () => {
  const server = await startServer()
  const first = await stored(server, { kept: noise(10), changed: noise(10), removed: noise(2000) })
  const second = await server.session.getArtifact('sample', 'dataset')
  second.remove('removed')
  await second.add(noise(1500, 2), { name: 'changed' })
  await second.add(noise(3_400_000), { name: 'added' })
  const diff = await first.diff(second)
  expect(diff).toMatchObject({
    added: [{ path: 'added', size: 3_400_000 }],
    removed: [{ path: 'removed', size: 2000 }],
    changed: [{ path: 'changed', sizeBefore: 10, size: 1500, contentChanged: true }],
    unchanged: 1,
  })
  expect(String(diff)).toBe(
    [
      'dataset/sample:V1 → dataset/sample: 1 added, 1 removed, 1 changed, 1 unchanged',
      '  + added    3.4 MB',
      '  ~ changed  10 B → 1.5 kB',
      '  - removed  2.0 kB',
    ].join('\n'),
  )
  expect(String(await first.diff(first))).toBe(
    'dataset/sample:V1 → dataset/sample:V1: 0 added, 0 removed, 0 changed, 3 unchanged',
  )
})

test('a diff says what was renamed, and does not take empty files for each other', async () => {
  const server = await startServer()
  const none = new Uint8Array()
  const files = {
    'a/x.bin': noise(10),
    'a/y.bin': noise(10),
    old: noise(2000, 2),
    twice: noise(30, 3),
    empty: none,
  }
  const first = await stored(server, files)
  const second = await server.session.getArtifact('sample', 'dataset')
  for (const path of Object.keys(files)) if (path !== 'twice') second.remove(path)
  const renamed = {
    'b/y.bin': noise(10),
    'b/x.bin': noise(10),
    new: noise(2000, 2),
    again: noise(30, 3),
    void: none,
  }
  for (const [name, content] of Object.entries(renamed)) await second.add(content, { name })
  const diff = await first.diff(second)
  expect(diff).toMatchObject({
    added: [{ path: 'again' }, { path: 'void' }],
    removed: [{ path: 'empty' }],
    changed: [],
    renamed: [
      { path: 'b/x.bin', pathBefore: 'a/x.bin', size: 10 },
      { path: 'b/y.bin', pathBefore: 'a/y.bin', size: 10 },
      { path: 'new', pathBefore: 'old', size: 2000 },
    ],
    unchanged: 1,
  })
  expect(String(diff)).toContain(': 2 added, 1 removed, 0 changed, 3 renamed, 1 unchanged\n')
  expect(String(diff)).toMatch(/^ {2}> new +2\.0 kB, was old$/m)
})

test('a known version costs one conditional request, even if it is pinned', async () => {
  const server = await startServer()
  await stored(server, { a: noise(10), b: noise(300_000) })
  await server.session.getArtifact('sample', 'dataset', 'V1')
  const { digest } = await server.session.getArtifact('sample', 'dataset')

  const statuses: number[] = []
  server.intercept(async (request) => {
    const answer = await server.fetch(request)
    statuses.push(answer.status)
    return answer
  })
  const pinned = await server.session.getArtifact('sample', 'dataset', 'V1')
  expect(statuses.splice(0)).toEqual([304])
  expect(pinned.entryList.map(({ path }) => path)).toEqual(['a', 'b'])
  expect(await server.session.getArtifact('sample', 'dataset')).toMatchObject({ tag: 'V1', digest })
  expect(statuses).toEqual([304])

  const next = await server.session.getArtifact('sample', 'dataset')
  next.remove('b')
  await server.session.uploadArtifact(next)
  statuses.length = 0
  expect(await server.session.getArtifact('sample', 'dataset')).toMatchObject({ tag: 'V2', fileCount: 1 })
  expect(statuses).toEqual([200])
})

test('a cached version or manifest that was damaged is fetched again', async () => {
  const server = await startServer()
  await stored(server, { a: noise(10) })
  await server.session.getArtifact('sample', 'dataset', 'V1')
  const cache = join(process.env['XDG_CACHE_HOME'] ?? '', 'trackway')
  for (const name of await readdir(cache, { recursive: true })) {
    const path = join(cache, name)
    if (!(await stat(path)).isFile()) continue
    const bytes = await readFile(path)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    await writeFile(path, bytes)
  }
  server.forget()
  expect(await server.session.getArtifact('sample', 'dataset', 'V1')).toMatchObject({
    tag: 'V1',
    fileCount: 1,
  })
  expect(server.requests.length).toBe(2)
})
