import { startMockServer } from '@trackway/mock-server'
import { createApp, createMemoryStore, type AppOptions } from '@trackway/server'
import { expect, test } from 'vitest'
import { Artifact, login, type LoginOptions, type Session } from '../src/index.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const MiB = 1024 * 1024
const retry = { budgetMs: 10_000, firstDelayMs: 1, maxDelayMs: 5 }

/** A store of one's own, on the machine. */
async function openFolder(): Promise<Session> {
  return login({ folder: await temporaryFolder(), experiment: 'flowers', quiet: true })
}

/** A server within the process that counts what it is asked and sent. */
async function openServer(options: Partial<AppOptions> = {}) {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'team' }, ...options })
  const requests: string[] = []
  const counted = { requests, sentBytes: 0, answer: (request: Request) => app.fetch(request) }
  const fetch = async (request: Request) => {
    const { pathname } = new URL(request.url)
    requests.push(`${request.method} ${pathname}`)
    if (request.method === 'POST' && pathname.endsWith('/blobs'))
      counted.sentBytes += (await request.clone().arrayBuffer()).byteLength
    return counted.answer(request)
  }
  const logIn = (more: LoginOptions = {}) =>
    login({ host: 'http://team.test', apiKey: 'tw_any', fetch, retry, quiet: true, ...more })
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

test('a version that was made in a folder reaches a server over a port, with all that belongs to it', async () => {
  const plane = await openFolder()
  const run = await plane.init({ experiment: 'flowers', run: 'night', quiet: true })
  const artifact = new Artifact('sample', 'dataset', { description: 'By night', metadata: { rows: 3 } })
  await artifact.add(noise(9 * MiB, 1), { name: 'large' })
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
  const bytes = 10 * MiB + 40_000
  expect(result).toEqual({
    sourceTag: 'V1',
    tag: 'V1',
    digest: artifact.digest,
    created: true,
    deleted: false,
    files: 42,
    bytes,
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
  expect(await team.listAliases('sample', 'dataset', place)).toEqual({})
  expect(await team.getLineage('sample', 'dataset', 'V1', place)).toEqual({ producedBy: null, usedBy: [] })
})

test('only what is missing is sent, and pushing again sends nothing', async () => {
  const plane = await openFolder()
  const { session: team, counted } = await openServer()
  const large = noise(12 * MiB, 3)
  await make(plane, { a: 'one', large })
  await plane.push('dataset/sample', { to: team })
  expect(counted.sentBytes).toBeGreaterThan(12 * MiB)

  large.set(noise(1000, 4), 6 * MiB)
  await make(plane, { a: 'two', large })
  counted.sentBytes = 0
  const second = await plane.push('dataset/sample', { to: team })
  expect(second).toMatchObject({ sourceTag: 'V2', tag: 'V2', created: true })
  expect(second.uploadedBytes).toBeLessThan(5 * MiB)
  expect(second.reusedBytes).toBe(second.bytes - second.uploadedBytes)
  expect(counted.sentBytes).toBeGreaterThan(second.uploadedBytes)
  expect(counted.sentBytes).toBeLessThan(second.uploadedBytes + 10_000)

  counted.requests.length = 0
  counted.sentBytes = 0
  const again = { created: false, deleted: false, uploadedBytes: 0, reusedBytes: second.bytes }
  expect(await plane.push('dataset/sample:V2', { to: team })).toMatchObject({ tag: 'V2', ...again })
  expect(counted.requests.map((request) => request.replace(/ .*\//, ' '))).toEqual(['GET versions'])
})

test('all versions go in their order, and keep what they were made from', async () => {
  const plane = await openFolder()
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

test('what came from a server goes to a folder and back, and keeps its first origin on any way', async () => {
  const { session: team } = await openServer()
  const [plane, bucket] = [await openFolder(), await openFolder()]
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

test('pushes of the same at the same time make one version', async () => {
  const plane = await openFolder()
  const { logIn, session: team } = await openServer()
  await make(plane, { a: 'one', large: noise(MiB, 5) })
  await make(plane, { a: 'two', large: noise(MiB, 6) })
  const results = await Promise.all(
    Array.from({ length: 6 }, async () => plane.pushAll('dataset/sample', { to: await logIn() })),
  )
  for (const result of results) expect(result.map(({ tag }) => tag)).toEqual(['V1', 'V2'])
  expect(await contents(team)).toEqual(['V1 one', 'V2 two'])
})

test('a push that broke off sends, when it is repeated, only what had not arrived', async () => {
  const plane = await openFolder()
  const { counted, app, session: team } = await openServer()
  await make(plane, {
    a: 'one',
    ...Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`f${n}`, noise(4 * MiB, n + 20)])),
  })
  const controller = new AbortController()
  let arrived = 0
  counted.answer = async (request) => {
    if (!request.url.endsWith('/blobs')) return app.fetch(request)
    if (arrived > 0) controller.abort(new Error('landing'))
    if (arrived > 0) throw new TypeError('cut')
    arrived = Number(
      request.headers.get('content-length') ?? (await request.clone().arrayBuffer()).byteLength,
    )
    return app.fetch(request)
  }
  const options = { to: team, concurrency: 1, signal: controller.signal }
  await errorOf('aborted', plane.push('dataset/sample', options))
  expect(await team.listVersions('sample', 'dataset', { experiment: 'flowers' })).toEqual([])
  counted.answer = (request) => app.fetch(request)
  counted.sentBytes = 0
  const { bytes, uploadedBytes } = await plane.push('dataset/sample', { to: team })
  expect(arrived).toBeGreaterThan(4 * MiB)
  expect(bytes - uploadedBytes).toBeGreaterThan(arrived - 10_000)
  expect(counted.sentBytes).toBeLessThan(bytes - arrived + 100_000)
  expect(await contents(team)).toEqual(['V1 one'])
})

test('a copy that was deleted stays deleted, and is pushed again under another name', async () => {
  const plane = await openFolder()
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

test('the same content that somebody else put there is found, also when it is not the latest any more', async () => {
  const [plane, { session: team }] = [await openFolder(), await openServer()]
  await make(plane, { a: 'one', b: 'b' })
  await make(team, { a: 'one', b: 'b' })
  expect(await plane.push('dataset/sample', { to: team })).toMatchObject({ tag: 'V1', created: false })
  await make(team, { a: 'theirs' })
  expect(await plane.push('dataset/sample', { to: team })).toMatchObject({ tag: 'V1', created: false })
  // Going back to that content is a version of its own, behind the one that it takes back.
  await make(plane, { a: 'two' })
  await make(plane, { a: 'one', b: 'b' })
  const tags = async () => (await plane.pushAll('dataset/sample', { to: team })).map(({ tag }) => tag)
  expect(await tags()).toEqual(['V1', 'V3', 'V4'])
  expect(await tags()).toEqual(['V1', 'V3', 'V4'])
})
