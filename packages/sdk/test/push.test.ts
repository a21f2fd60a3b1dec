import { fork, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, cp, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { sha256 } from '@trackway/protocol'
import { createApiKey, createApp, createMemoryStore, type AppOptions } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { createSigningStore, type SigningStore } from '@trackway/server/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Artifact, login, type Origin, type Session, type VersionRecord } from '../src/index.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const MiB = 1024 * 1024
const retry = { budgetMs: 10_000, firstDelayMs: 1, maxDelayMs: 5 }

/** A store of one's own, on the machine. */
async function openFolder(): Promise<Session> {
  return login({ store: await temporaryFolder(), experiment: 'flowers', quiet: true })
}

/** The same in memory, where it does not matter which store it is. */
async function openPlane(): Promise<Session> {
  return (await openServer({ access: { user: 'ada' } })).session
}

/** A server within the process that counts what it is asked and sent. */
async function openServer(
  options: Partial<AppOptions> = {},
  apiKey = 'tw_any',
  elsewhere: (request: Request) => Promise<Response> | undefined = () => undefined,
) {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'team' }, ...options })
  const requests: string[] = []
  const counted = { requests, sentBytes: 0, answer: (request: Request) => app.fetch(request) }
  const fetch = async (request: Request) => {
    const answer = elsewhere(request)
    if (answer !== undefined) return answer
    const { pathname, search } = new URL(request.url)
    requests.push(`${request.method} ${pathname}${search}`)
    if (request.method === 'POST' && pathname.endsWith('/blobs'))
      counted.sentBytes += (await request.clone().arrayBuffer()).byteLength
    return counted.answer(request)
  }
  const logIn = () =>
    login({ host: 'http://team.test', apiKey, fetch, retry, experiment: 'flowers', quiet: true })
  return { counted, app, logIn, session: await logIn() }
}

type Files = Record<string, Uint8Array | string>

/** Makes the next version of `dataset/sample`, of these files alone. */
async function make(session: Session, files: Files, facts: { description?: string } = {}): Promise<string> {
  const artifact = new Artifact('sample', 'dataset', { ...facts, metadata: { rows: 3 } })
  for (const [name, content] of Object.entries(files))
    await artifact.add(typeof content === 'string' ? new TextEncoder().encode(content) : content, { name })
  return (await session.uploadArtifact(artifact, { experiment: 'flowers' })).tag
}

/** The tags and the content of `a` of each version, the oldest first. */
async function contents(session: Session): Promise<string[]> {
  const place = { experiment: 'flowers' }
  const versions = await session.listVersions('sample', 'dataset', place)
  const texts = versions.toReversed().map(async ({ tag }) => {
    const stored = await session.getArtifact('sample', 'dataset', tag, place)
    return `${tag} ${await stored.entry('a').text()}`
  })
  return Promise.all(texts)
}

/** The commitId of a pushed version, as docs/protocol.md defines it. */
function commitIdAsDocumented(record: VersionRecord | undefined, storeId: string): string | undefined {
  if (record?.origin === undefined) return undefined
  const artifactLines = ({ team, experiment, type, name }: Omit<Origin, 'storeId' | 'run'>) =>
    [team, experiment, type, name].map((text) => text.toLowerCase())
  const { origin, digest } = record
  const source = [origin.storeId, ...artifactLines(origin), origin.tag, digest]
  const lines = ['push', ...source, storeId, ...artifactLines(record)]
  const bytes = createHash('sha256').update(lines.join('\n')).digest().subarray(0, 16)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

test('a version from a folder reaches a server over a port, with everything that belongs to it', async () => {
  const plane = await openFolder()
  const run = await plane.init({ experiment: 'flowers', run: 'night', quiet: true })
  const artifact = new Artifact('sample', 'dataset', { description: 'By night', metadata: { rows: 3 } })
  await artifact.add(noise(5 * MiB, 1), { name: 'large' })
  await artifact.add(noise(MiB, 2), { name: 'medium' })
  for (let index = 0; index < 40; index += 1)
    await artifact.add(noise(1000, index + 9), { name: `small/${index}` })
  await plane.uploadArtifact(artifact)
  await plane.setAlias('sample', 'dataset', 'production', 'V1')

  await using mock = await startMockServer()
  const team = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true, retry })
  const told: number[] = []
  const result = await plane.push('dataset/sample:production', {
    to: team,
    onProgress: ({ bytes }) => told.push(bytes),
  })
  const bytes = 6 * MiB + 40_000
  expect(result).toEqual({
    sourceTag: 'V1',
    tag: 'V1',
    digest: artifact.digest,
    created: true,
    deleted: false,
    fileCount: 42,
    size: bytes,
    uploadedBytes: bytes,
    reusedBytes: 0,
  })
  expect(told.at(-1)).toBe(bytes)
  const place = { experiment: 'flowers' }
  const pushed = await team.getArtifact('sample', 'dataset', 'V1', place)
  expect(
    await pushed.verify(await artifact.download(await temporaryFolder(), { overwrite: true })),
  ).toMatchObject({ ok: true })
  const [here] = await plane.listVersions('sample', 'dataset', place)
  const [there] = await team.listVersions('sample', 'dataset', place)
  expect(there).toMatchObject({
    manifest: here?.manifest,
    description: 'By night',
    metadata: { rows: 3 },
    createdBy: 'mock',
    base: null,
    run: null,
    origin: {
      storeId: plane.storeId,
      team: plane.team,
      experiment: 'flowers',
      type: 'dataset',
      name: 'sample',
      tag: 'V1',
      createdAt: here?.createdAt,
      createdBy: here?.createdBy,
      run: { experiment: 'flowers', run: run.name },
    },
  })
  expect(there?.commitId).toBe(commitIdAsDocumented(there, team.storeId))
  expect(await team.listAliases('sample', 'dataset', place)).toEqual({})
  expect(await team.getLineage('sample', 'dataset', 'V1', place)).toEqual({ producedBy: null, usedBy: [] })
})

test('only what is missing is sent, and pushing again sends nothing', async () => {
  const plane = await openPlane()
  const { session: team, counted } = await openServer()
  const large = noise(6 * MiB, 3)
  await make(plane, { a: 'one', large })
  await plane.push('dataset/sample', { to: team })
  expect(counted.sentBytes).toBeGreaterThan(6 * MiB)

  large.set(noise(1000, 4), 3 * MiB)
  await make(plane, { a: 'two', large })
  counted.sentBytes = 0
  const second = await plane.push('dataset/sample', { to: team })
  expect(second).toMatchObject({ sourceTag: 'V2', tag: 'V2', created: true })
  expect(second.uploadedBytes).toBeLessThan(4.5 * MiB)
  expect(second.reusedBytes).toBe(second.size - second.uploadedBytes)
  expect(counted.sentBytes).toBeGreaterThan(second.uploadedBytes)
  expect(counted.sentBytes).toBeLessThan(second.uploadedBytes + 10_000)

  // The base exists, so the server need not look up what the two share.
  const puts = counted.requests.filter((request) => request.startsWith('PUT'))
  expect(puts.at(-1)).toContain('?experiment=flowers&base=dataset%2Fsample%3AV1')

  counted.requests.length = 0
  counted.sentBytes = 0
  const again = { created: false, deleted: false, uploadedBytes: 0, reusedBytes: second.size }
  expect(await plane.push('dataset/sample:V2', { to: team })).toMatchObject({ tag: 'V2', ...again })
  expect(counted.requests.map((request) => request.replace(/ .*\//, ' '))).toEqual([
    'GET versions?deleted=true',
  ])
})

test('blobs that the target finds missing after all are sent then', async () => {
  const plane = await openPlane()
  const { counted, app, session: team } = await openServer()
  await make(plane, { a: 'one', medium: noise(MiB, 12) })
  counted.answer = async (request) =>
    request.url.endsWith('/blobs/missing') ? Response.json({ missing: [] }) : app.fetch(request)
  const { size: bytes, uploadedBytes } = await plane.push('dataset/sample', { to: team })
  expect(uploadedBytes).toBe(bytes)
  expect(await contents(team)).toEqual(['V1 one'])
})

test('all versions are pushed in their order, and keep their bases', async () => {
  const plane = await openPlane()
  const { session: team, counted } = await openServer()
  await make(team, { a: 'zero' })
  for (const a of ['one', 'two', 'one']) await make(plane, { a })
  await plane.push('dataset/sample:V2', { to: team })
  const results = await plane.pushAll('dataset/sample', { to: team })
  expect(results.map(({ sourceTag, tag, created }) => [sourceTag, tag, created])).toEqual([
    ['V1', 'V3', true],
    ['V2', 'V2', false],
    ['V3', 'V4', true],
  ])
  expect(await contents(team)).toEqual(['V1 zero', 'V2 two', 'V3 one', 'V4 one'])
  expect(
    (await team.listVersions('sample', 'dataset', { experiment: 'flowers' })).map(({ base }) => base),
  ).toEqual(['V2', null, null, null])
  counted.requests.length = 0
  expect((await plane.pushAll('dataset/sample', { to: team })).some(({ created }) => created)).toBe(false)
  expect(counted.requests).toHaveLength(1)
})

test('a version from a server goes to a folder and back, and keeps its first origin on every way', async () => {
  const { session: team } = await openServer()
  const [plane, bucket] = [await openFolder(), await openPlane()]
  await make(team, { a: 'zero' })
  await make(team, { a: 'one' })
  expect(await team.push('dataset/sample', { to: plane, experiment: 'flowers' })).toMatchObject({
    sourceTag: 'V2',
    tag: 'V1',
  })
  const stored = await plane.getArtifact('sample', 'dataset', 'V1', { experiment: 'flowers' })
  await stored.add(new TextEncoder().encode('changed'), { name: 'b' })
  await plane.uploadArtifact(stored, { experiment: 'flowers' })

  const back = await plane.pushAll('dataset/sample', { to: team })
  expect(back).toMatchObject([
    { sourceTag: 'V1', tag: 'V2', created: false, uploadedBytes: 0 },
    { sourceTag: 'V2', tag: 'V3', created: true, uploadedBytes: 7 },
  ])
  const [newest] = await team.listVersions('sample', 'dataset', { experiment: 'flowers' })
  expect(newest).toMatchObject({ base: 'V2', origin: { storeId: plane.storeId, tag: 'V2' } })

  await team.push('dataset/sample', { to: bucket, experiment: 'flowers' })
  const [pushedOn] = await bucket.listVersions('sample', 'dataset', { experiment: 'flowers' })
  expect(pushedOn?.origin).toEqual(newest?.origin)
  expect(await plane.push('dataset/sample', { to: bucket })).toMatchObject({ tag: 'V1', created: false })
  expect(await bucket.push('dataset/sample', { to: plane })).toMatchObject({ tag: 'V2', created: false })
})

test('concurrent pushes of one version make one version', async () => {
  const plane = await openPlane()
  const { logIn, session: team } = await openServer()
  await make(plane, { a: 'one', large: noise(MiB, 5) })
  await make(plane, { a: 'two', large: noise(MiB, 6) })
  const results = await Promise.all(
    Array.from({ length: 6 }, async () => plane.pushAll('dataset/sample', { to: await logIn() })),
  )
  for (const result of results) expect(result.map(({ tag }) => tag)).toEqual(['V1', 'V2'])
  expect(await contents(team)).toEqual(['V1 one', 'V2 two'])
})

test('a version that somebody else pushes meanwhile is noticed', async () => {
  const plane = await openPlane()
  const { counted, app, logIn, session: team } = await openServer()
  for (const a of ['one', 'two']) await make(plane, { a })
  const other = await logIn()
  let isFirst = true
  counted.answer = async (request) => {
    if (isFirst && request.method === 'POST' && request.url.endsWith('/versions')) {
      isFirst = false
      await plane.push('dataset/sample:V2', { to: other })
    }
    return app.fetch(request)
  }
  const results = await plane.pushAll('dataset/sample', { to: team })
  expect(results.map(({ tag, created }) => [tag, created])).toEqual([
    ['V2', true],
    ['V1', false],
  ])
  expect(await contents(team)).toEqual(['V1 two', 'V2 one'])
})

test('a repeated push sends only what had not arrived', async () => {
  const plane = await openPlane()
  const { counted, app, session: team } = await openServer({ limits: { requestBytes: 2 * MiB } })
  const files = Array.from({ length: 5 }, (_, index) => [`f${index}`, noise(MiB, index + 20)] as const)
  await make(plane, { a: 'one', ...Object.fromEntries(files) })
  const controller = new AbortController()
  counted.answer = async (request) => {
    const isBlobs = request.url.endsWith('/blobs')
    const answer = await app.fetch(request)
    if (isBlobs) controller.abort(new Error('landing'))
    return answer
  }
  const options = { to: team, concurrency: 1, signal: controller.signal }
  await errorOf('aborted', plane.push('dataset/sample', options))
  expect(await team.listVersions('sample', 'dataset', { experiment: 'flowers' })).toEqual([])
  const { sentBytes: arrived } = counted
  expect(arrived).toBeGreaterThan(MiB)
  counted.answer = (request) => app.fetch(request)
  const { size: bytes, uploadedBytes } = await plane.push('dataset/sample', { to: team })
  expect(bytes - uploadedBytes).toBeGreaterThan(arrived - 10_000)
  expect(counted.sentBytes).toBeLessThan(bytes + 10_000)
  expect(await contents(team)).toEqual(['V1 one'])
})

test('a push whose process is killed is resumed by the next one', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const plane = await login({ store: folder, experiment: 'flowers', quiet: true })
  const files = Array.from({ length: 5 }, (_, index) => [`f${index}`, noise(MiB, index + 30)] as const)
  await make(plane, { a: 'one', ...Object.fromEntries(files) })
  let child: ChildProcess | undefined
  const app = await createApp({
    store: createMemoryStore(),
    access: { user: 'team' },
    limits: { requestBytes: 2 * MiB },
    onRequest({ method, path }) {
      if (method === 'POST' && path.endsWith('/blobs')) child?.kill('SIGKILL')
    },
  })
  const server = await serve({ app, port: 0 })
  onTestFinished(() => server.close())
  child = fork(new URL('push-process.ts', import.meta.url), [folder, server.url], {
    execArgv: ['--conditions=@trackway/source'],
    timeout: 60_000,
  })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  child = undefined
  const team = await login({ host: server.url, quiet: true, retry })
  expect(await team.listVersions('sample', 'dataset', { experiment: 'flowers' })).toEqual([])
  const { uploadedBytes, reusedBytes } = await plane.push('dataset/sample', { to: team })
  expect(reusedBytes).toBeGreaterThanOrEqual(MiB)
  expect(uploadedBytes).toBeGreaterThanOrEqual(2 * MiB)
  expect(await contents(team)).toEqual(['V1 one'])
})

test('a copy that was deleted stays deleted, and is pushed again under another name', async () => {
  const plane = await openPlane()
  const { session: team } = await openServer()
  for (const a of ['one', 'two', 'three']) await make(plane, { a })
  await plane.pushAll('dataset/sample', { to: team })
  await team.deleteVersion('sample', 'dataset', 'V3', { experiment: 'flowers' })
  await team.deleteVersion('sample', 'dataset', 'V1', { experiment: 'flowers' })
  const { details } = await errorOf('version_deleted', plane.push('dataset/sample', { to: team }))
  expect(details).toEqual({ tag: 'V3' })
  const results = await plane.pushAll('dataset/sample', { to: team })
  expect(results.map(({ tag, created, deleted }) => [tag, created, deleted])).toEqual([
    ['V1', false, true],
    ['V2', false, false],
    ['V3', false, true],
  ])
  expect(await contents(team)).toEqual(['V2 two'])
  const into = { experiment: 'petals', name: 'mine/sample' }
  expect(await plane.push('dataset/sample', { to: team, into })).toMatchObject({ tag: 'V1', created: true })
  const restored = await team.restoreVersion('sample', 'dataset', 'V3', { experiment: 'flowers' })
  expect(await plane.push('dataset/sample', { to: team })).toMatchObject({
    tag: restored.tag,
    created: false,
  })
})

test('the same content that somebody else uploaded is found, even if it is no longer the latest', async () => {
  const [plane, { session: team }] = [await openPlane(), await openServer()]
  await make(plane, { a: 'one', b: 'b' })
  await make(team, { a: 'one', b: 'b' })
  expect(await plane.push('dataset/sample', { to: team })).toMatchObject({ tag: 'V1', created: false })
  await make(team, { a: 'theirs' })
  expect(await plane.push('dataset/sample', { to: team })).toMatchObject({ tag: 'V1', created: false })
  // Going back to that content is a version of its own, after the one that it undoes.
  await make(plane, { a: 'two' })
  await make(plane, { a: 'one', b: 'b' })
  const tags = async () => (await plane.pushAll('dataset/sample', { to: team })).map(({ tag }) => tag)
  expect(await tags()).toEqual(['V1', 'V3', 'V4'])
  expect(await tags()).toEqual(['V1', 'V3', 'V4'])
})

test('a push without permission to write is refused, and nothing is sent', async () => {
  const plane = await openPlane()
  await make(plane, { a: 'one' })
  const store = createMemoryStore()
  const { key } = await createApiKey(store, { user: 'ada', roles: { ours: 'read' } })
  const { counted, logIn } = await openServer({ store, access: 'keys' }, key)
  const team = await logIn()
  const { message } = await errorOf('forbidden', plane.push('dataset/sample', { to: team }))
  expect(message).toContain('Pushing dataset/sample:V1 to http://team.test')
  expect(message).not.toContain(key)
  await errorOf('not_found', plane.push('dataset/sample', { to: team, into: { team: 'theirs' } }))
  expect(counted.sentBytes).toBe(0)
})

test('a push that is not possible is refused before anything is sent', async () => {
  const plane = await openPlane()
  const { session: team, counted } = await openServer()
  await make(plane, { a: 'one' })
  // What JavaScript can pass instead.
  for (const to of [undefined, null, {}, 'http://team.test'])
    await errorOf('option_invalid', plane.push('dataset/sample', { to: to as Session }))
  const { message } = await errorOf('option_invalid', plane.push('dataset/sample', { to: plane }))
  expect(message).toContain('{ into }')
  const elsewhere = { to: plane, into: { experiment: 'Petals' } }
  expect(await plane.push('dataset/sample', elsewhere)).toMatchObject({
    tag: 'V1',
    created: true,
    uploadedBytes: 0,
  })
  expect(await plane.push('dataset/sample', elsewhere)).toMatchObject({ tag: 'V1', created: false })
  const guests = { to: plane, into: { team: 'guests' } }
  expect(await plane.push('dataset/sample', guests)).toMatchObject({ created: true, uploadedBytes: 3 })

  counted.requests.length = 0
  await errorOf('revision_invalid', plane.push('dataset/sample:V1[a]', { to: team }))
  await errorOf('revision_invalid', plane.pushAll('dataset/sample:V1', { to: team }))
  await errorOf('not_found', plane.push('dataset/sample:V7', { to: team }))
  await errorOf('not_found', plane.pushAll('dataset/simple', { to: team }))
  await errorOf('option_invalid', plane.push('dataset/sample', { to: team, concurrency: 0 }))
  await errorOf('name_invalid', plane.push('dataset/sample', { to: team, into: { name: '..' } }))
  expect(counted.requests).toEqual([])
})

test('if the target accepts only small blobs, the files are stored in others; a manifest has to fit', async () => {
  const plane = await openPlane()
  const limits = { requestBytes: 300_000, blobBytes: 200_000 }
  const [little, least] = [await openServer({ limits }), await openServer({ limits: { manifestBytes: 300 } })]
  await make(plane, { a: 'one', large: noise(700_000, 7), medium: noise(250_000, 8) })
  const result = await plane.push('dataset/sample', { to: little.session })
  expect(result).toMatchObject({ tag: 'V1', created: true, uploadedBytes: 950_003 })
  const place = { experiment: 'flowers' }
  const [pushed] = await little.session.listVersions('sample', 'dataset', place)
  expect(pushed).toMatchObject({
    digest: result.digest,
    origin: { storeId: plane.storeId },
    metadata: { rows: 3 },
  })
  const stored = await little.session.getArtifact('sample', 'dataset', 'V1', place)
  expect(await stored.entry('large').bytes()).toEqual(noise(700_000, 7))
  expect(await plane.push('dataset/sample', { to: little.session })).toMatchObject({ created: false })

  const { details } = await errorOf('too_large', plane.push('dataset/sample', { to: least.session }))
  expect(details).toEqual({ limit: 'manifestBytes', maximum: 300 })
  expect(least.counted.sentBytes).toBe(0)
})

test('a folder that was copied makes versions of its own, which are pushed beside those of the first', async () => {
  const folder = await temporaryFolder()
  const plane = await login({ store: folder, experiment: 'flowers', quiet: true })
  await make(plane, { a: 'one' })
  const copied = await temporaryFolder()
  await cp(folder, copied, { recursive: true })
  const other = await login({ store: copied, experiment: 'flowers', quiet: true })
  expect(other.storeId).toBe(plane.storeId)
  await make(plane, { a: 'mine' })
  await make(other, { a: 'yours' })
  const { session: team } = await openServer()
  await plane.pushAll('dataset/sample', { to: team })
  expect(await other.pushAll('dataset/sample', { to: team })).toMatchObject([
    { tag: 'V1', created: false },
    { tag: 'V3', created: true },
  ])
  expect(await contents(team)).toEqual(['V1 one', 'V2 mine', 'V3 yours'])
})

test('bytes that are damaged at the source are not pushed', async () => {
  const folder = await temporaryFolder()
  const plane = await login({ store: folder, experiment: 'flowers', quiet: true })
  await make(plane, { a: 'one', large: noise(MiB, 9) })
  const blobs = join(folder, 't/default/b')
  for (const name of await readdir(blobs, { recursive: true })) {
    const { size } = await stat(join(blobs, name))
    if (size !== MiB) continue
    await chmod(join(blobs, name), 0o600)
    await writeFile(join(blobs, name), noise(MiB, 10))
  }
  const { session: team } = await openServer()
  const { message } = await errorOf('integrity_error', plane.push('dataset/sample', { to: team }))
  expect(message).toContain('Reading dataset/sample:V1')
  expect(await team.listVersions('sample', 'dataset', { experiment: 'flowers' })).toEqual([])
})

test('large blobs bypass servers that give presigned URLs', async () => {
  const here = createSigningStore({ origin: () => 'http://here.test' })
  const there = createSigningStore({ origin: () => 'http://there.test' })
  const buckets: Record<string, SigningStore> = { 'http://here.test': here, 'http://there.test': there }
  const elsewhere = (request: Request) => buckets[new URL(request.url).origin]?.fetch(request)
  const [source, target] = [
    await openServer({ store: here.store }, 'tw_here', elsewhere),
    await openServer({ store: there.store }, 'tw_there', elsewhere),
  ]
  await make(source.session, { a: 'one', medium: noise(MiB, 10), other: noise(MiB, 11) })
  here.requests.length = 0
  source.counted.requests.length = 0
  await source.session.push('dataset/sample', { to: target.session, experiment: 'flowers' })
  expect(here.requests.filter(({ method }) => method === 'GET')).toHaveLength(2)
  expect(there.requests.filter(({ method, size }) => method === 'PUT' && size === MiB)).toHaveLength(2)
  expect(source.counted.requests.filter((request) => request.includes('/blobs/sha256'))).toHaveLength(1)
  expect(target.counted.sentBytes).toBeLessThan(10_000)
  expect(await contents(target.session)).toEqual(['V1 one'])
})

test('references are pushed unchanged', async () => {
  const { session: team, app } = await openServer()
  const plane = await openPlane()
  const lines = [
    { formatVersion: 1, chunker: 'none', files: 1, bytes: 12, addedLater: true },
    { path: 'video.mp4', size: 12, digest: sha256(noise(12)), reference: 's3://archive/video.mp4' },
  ]
  const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const send = async (method: string, path: string, body: BodyInit, type: string) => {
    const address = `http://team.test/api/v1/teams/default${path}`
    const answer = await app.fetch(new Request(address, { method, body, headers: { 'content-type': type } }))
    return answer.json()
  }
  const manifest = sha256(bytes)
  const { reservation } = await send('PUT', `/manifests/${manifest}`, bytes, 'application/x-ndjson')
  const request = { manifest, reservation, commitId: crypto.randomUUID() }
  const versions = '/experiments/flowers/artifacts/dataset/sample/versions'
  await send('POST', versions, JSON.stringify(request), 'application/json')
  await team.push('dataset/sample', { to: plane, experiment: 'flowers' })
  const [pushed] = await plane.listVersions('sample', 'dataset', { experiment: 'flowers' })
  expect(pushed?.manifest.digest).toBe(manifest)
})
