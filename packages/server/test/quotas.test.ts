import { apiBase, createManifest, problemSchema, sha256, type ManifestEntry } from '@trackway/protocol'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  createApiKey,
  createApp,
  createMemoryStore,
  type ListOptions,
  type ObjectStore,
  type Quotas,
  type ClockAndIds,
} from '../src/index.ts'
import { createSigningStore } from '../src/testing/index.ts'
import { artifact, bytesOf, manifestOf, openApp, type EngineApp } from './engine-app.ts'

const text = (size: number, seed = 'x') => seed.padEnd(size, '.')
const bytes = (size: number, seed?: string) => new TextEncoder().encode(text(size, seed))
const log = (segment: number) =>
  `/teams/t/experiments/e/runs/r/log/${String(segment).padStart(10, '0')}-5eed5eed`
const points = (count: number) => ({
  points: Array.from({ length: count }, (_, step) => ({ step, key: 'loss', value: 1, time: 1 })),
})

/** A clock that only the test advances. Nothing waits for it. */
function clock(): ClockAndIds & { pass: (ms: number) => void } {
  let now = Date.parse('2026-11-01')
  return {
    now: () => now,
    sleep: () => new Promise(() => {}),
    newId: () => crypto.randomUUID(),
    pass: (ms) => (now += ms),
  }
}

/** Apps of two servers over one store, with one clock. */
async function openTwo(quotas: Quotas) {
  const store = createMemoryStore()
  const time = clock()
  const open = () => openApp({ store, quotas, clockAndIds: time })
  return { store, time, one: await open(), other: await open() }
}

/** Requests of callers with different keys to one app. */
async function openWithKeys(quotas: (ids: string[]) => Quotas, users: readonly string[] = ['ada', 'ben']) {
  const store = createMemoryStore()
  const keys = await Promise.all(
    users.map((user) => createApiKey(store, { user, roles: { t: 'admin', u: 'admin' } })),
  )
  const app = await createApp({ store, quotas: quotas(keys.map(({ document }) => document.id)) })
  const by = keys.map(({ key }) => {
    const send = (method: string, path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${key}`)
      return app.fetch(new Request(`http://test${apiBase}${path}`, { ...init, method, headers }))
    }
    const json = (method: string, path: string, body: unknown) =>
      send(method, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return {
      send,
      json,
      commit: (content: string, team = 't', name = 'sample') => commit(send, json, { content, team, name }),
    }
  })
  return { store, app, by }
}

type Send = (method: string, path: string, init?: RequestInit) => Promise<Response>

/** Sends a file and makes a version of it; returns the first failure, or the version. */
async function commit(
  send: Send,
  json: (method: string, path: string, body: unknown) => Promise<Response>,
  { content, team, name }: { content: string; team: string; name: string },
): Promise<Response> {
  const form = new FormData()
  const blob = new TextEncoder().encode(content)
  form.append(sha256(blob), new Blob([blob]), 'blob')
  const sent = await send('POST', `/teams/${team}/blobs`, { body: form })
  if (!sent.ok) return sent
  const manifest = bytesOf(manifestOf(content))
  const stored = await send('PUT', `/teams/${team}/manifests/${sha256(manifest)}`, {
    headers: { 'content-type': 'application/x-ndjson' },
    body: manifest,
  })
  const { reservation } = (await stored.json()) as { reservation: string } // As the protocol says.
  return json('POST', `/teams/${team}/experiments/e/artifacts/dataset/${name}/versions`, {
    manifest: sha256(manifest),
    reservation,
    commitId: crypto.randomUUID(),
  })
}

const problemOf = async (response: Response) => problemSchema.parse(await response.json())

describe('stored bytes', () => {
  test('blobs beyond the quota of their team are refused with 507, and what is stored can still be committed', async () => {
    const app = await openApp({ quotas: { team: { bytes: 3_000 } } })
    const first = await app.reserve(text(1_500))
    const refused = await app.putBlobs(bytes(2_000))
    expect(refused).toMatchObject({
      status: 507,
      body: { code: 'quota_exceeded', retryable: false, limit: 'bytes', maximum: 3_000, of: 'team t' },
    })
    expect(refused.body['detail']).toMatch(
      /^Team t has 1\.5 kB of the 3\.0 kB that this server allows it, and this needs 2\.0 kB; delete versions, whose bytes/,
    )
    expect((await app.send('POST', `${artifact}/versions`, first)).status).toBe(201)
    expect((await app.commit(text(1_500), { tag: 'V2' })).status).toBe(201)
  })

  test('a blob that is already stored is accepted again, as after a lost reply', async () => {
    const app = await openApp({ quotas: { team: { bytes: 2_000 } } })
    expect((await app.putBlobs(bytes(1_900))).body).toMatchObject({ stored: [sha256(bytes(1_900))] })
    expect((await app.putBlobs(bytes(1_900))).body).toMatchObject({ known: [sha256(bytes(1_900))] })
  })

  test('concurrent requests do not exceed the quota together', async () => {
    const app = await openApp({ quotas: { team: { bytes: 5_000 } } })
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, number) => app.putBlobs(bytes(1_000, String(number)))),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
  })

  test('documents are refused as well, a tenth later; reading, deleting, moving aliases and ending runs are not', async () => {
    const store = createMemoryStore()
    const free = await openApp({ store })
    await free.commit(text(5_000))
    await free.send('POST', '/teams/t/experiments/e/runs', { run: 'r', commitId: crypto.randomUUID() })
    const full = await openApp({ store, quotas: { team: { bytes: 1_000 } } })
    expect((await full.putManifest(manifestOf('a'))).body).toMatchObject({ code: 'quota_exceeded' })
    expect((await full.send('PUT', log(1), points(1))).status).toBe(507)
    const version = `${artifact}/versions/V1`
    expect((await full.send('GET', `${version}/files/file`)).text).toBe(text(5_000))
    expect((await full.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })).status).toBe(200)
    expect((await full.send('PUT', `${artifact}/aliases/best`, { tag: null })).status).toBe(200)
    const finish = { state: 'finished', commitId: crypto.randomUUID() }
    expect((await full.send('POST', '/teams/t/experiments/e/runs/r/finish', finish)).status).toBe(200)
    expect((await full.send('DELETE', version)).status).toBe(200)
  })

  test('another server enforces the quota after its next count', async () => {
    const { time, one, other } = await openTwo({ team: { bytes: 10_000 } })
    expect((await other.putBlobs(bytes(10, 'a'))).status).toBe(200)
    expect((await one.putBlobs(bytes(9_000, 'b'))).status).toBe(200)
    time.pass(59_000)
    expect((await other.putBlobs(bytes(2_000, 'c'))).status).toBe(200)
    time.pass(1_000)
    expect((await other.putBlobs(bytes(2_000, 'd'))).status).toBe(507)
    expect((await one.putBlobs(bytes(10, 'e'))).status).toBe(507)
  })

  test('deleting makes room without waiting for the next count', async () => {
    const { store, time, one } = await openTwo({ team: { bytes: 2_000 } })
    await one.putBlobs(bytes(1_500))
    const { objects } = await store.list({ prefix: 't/t/b/' })
    await Promise.all(objects.map(({ key }) => store.delete(key)))
    expect((await one.putBlobs(bytes(1_400))).status).toBe(507)
    time.pass(1_000)
    expect((await one.putBlobs(bytes(1_400))).status).toBe(200)
  })

  test('blobs that do not fit get no presigned URL for an upload, and count when they have one', async () => {
    const { store } = createSigningStore({ origin: () => 'http://bucket.test' })
    const app = await openApp({ store, quotas: { team: { bytes: 5_000 } } })
    const ask = async (...sizes: number[]) => {
      const blobs = sizes.map((size) => ({ digest: sha256(bytes(size)), size }))
      const { body } = await app.send('POST', '/teams/t/blobs/presigned-uploads', { blobs })
      return (body['urls'] as { digest: string }[]).map(({ digest }) => digest) // As the protocol says.
    }
    expect(await ask(3_000, 4_000, 1_000)).toEqual([sha256(bytes(3_000)), sha256(bytes(1_000))])
    expect(await ask(2_000)).toEqual([])
    expect((await app.putBlobs(bytes(2_000))).body).toMatchObject({ code: 'quota_exceeded' })
  })

  test('a team with its own quota, in any case, has that one, and the others have the general one', async () => {
    const quotas = { team: { bytes: 100 }, teams: { T: { bytes: Number.POSITIVE_INFINITY } } }
    const { by } = await openWithKeys(() => quotas)
    expect((await by[0]?.commit(text(500), 't'))?.status).toBe(201)
    expect((await by[0]?.commit(text(500), 'u'))?.status).toBe(507)
  })

  test('an API key counts what the versions of its user added, in each team alone', async () => {
    const { store, by } = await openWithKeys(() => ({ key: { bytes: 2_000 } }))
    const [ada, ben] = by
    expect((await ada?.commit(text(1_500, 'a')))?.status).toBe(201)
    const refused = await ada?.commit(text(1_000, 'b'))
    expect(refused?.status).toBe(507)
    expect(refused && (await problemOf(refused)).detail).toMatch(
      /^API key [0-9a-f]{12} in team t has 1\.5 kB of/,
    )
    expect((await ada?.commit(text(1_000, 'b'), 'u'))?.status).toBe(201)
    expect((await ben?.commit(text(1_000, 'b')))?.status).toBe(201)
    // Another server knows it from the records.
    const again = await createApp({ store, quotas: { key: { bytes: 2_000 } }, access: { user: 'Ada' } })
    const send: Send = (method, path, init) =>
      again.fetch(new Request(`http://test${apiBase}${path}`, { ...init, method }))
    const json = (method: string, path: string, body: unknown) =>
      send(method, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    expect((await commit(send, json, { content: text(600, 'c'), team: 't', name: 'sample' })).status).toBe(
      507,
    )
    expect((await commit(send, json, { content: text(400, 'c'), team: 't', name: 'sample' })).status).toBe(
      201,
    )
  })

  test('a version counts for its user only with what its base does not have', async () => {
    const store = createMemoryStore()
    const free = await openApp({ store })
    await free.commit(text(1_500))
    await free.putBlobs(bytes(500))
    const blobs = [1_500, 500].map((size) => ({ digest: sha256(bytes(size)), size }))
    const entries = blobs.map(
      ({ digest, size }, index): ManifestEntry => ({
        path: `${index}`,
        size,
        digest,
        parts: [[index, 0, size]],
      }),
    )
    const manifest = createManifest(blobs, entries)
    const { reservation } = (await free.putManifest(manifest)).body
    const wish = { manifest: sha256(bytesOf(manifest)), reservation, commitId: crypto.randomUUID() }
    expect((await free.send('POST', `${artifact}/versions`, { ...wish, base: 'V1' })).status).toBe(201)
    const bounded = await openApp({ store, quotas: { key: { bytes: 2_500 } } })
    expect((await bounded.putBlobs(bytes(501, 'a'))).status).toBe(507)
    expect((await bounded.putBlobs(bytes(499, 'a'))).status).toBe(200)
  })
})

describe('versions', () => {
  test('a version beyond the quota is refused with 507, and one that already exists is not', async () => {
    const app = await openApp({ quotas: { team: { versions: 2 } } })
    const first = await app.reserve('a')
    expect((await app.send('POST', `${artifact}/versions`, first)).status).toBe(201)
    expect((await app.commit('b')).status).toBe(201)
    const refused = await app.commit('c')
    expect(refused).toMatchObject({
      status: 507,
      body: { code: 'quota_exceeded', limit: 'versions', used: 2 },
    })
    expect(refused.body['detail']).toBe(
      'Team t has 2 of the 2 versions that this server allows it; delete versions, or ask the operator of the server for more',
    )
    expect((await app.send('POST', `${artifact}/versions`, first)).status).toBe(200)
    expect(
      (await app.send('PUT', `${artifact}/versions/V3`, await app.reserve('d'), { 'if-none-match': '*' }))
        .status,
    ).toBe(507)
  })

  test('a deleted version does not count, and one that was restored does', async () => {
    const { time, one } = await openTwo({ team: { versions: 1 } })
    await one.commit('a')
    await one.send('DELETE', `${artifact}/versions/V1`)
    time.pass(1_000)
    expect((await one.commit('b')).status).toBe(201)
    await one.send('POST', `${artifact}/versions/V1/restore`)
    await one.send('DELETE', `${artifact}/versions/V2`)
    time.pass(1_000)
    expect((await one.commit('c')).status).toBe(507)
  })

  test('a version counts even if the one of the same number in another artifact is deleted', async () => {
    const { time, one } = await openTwo({ team: { versions: 1 } })
    await one.commit('a')
    await one.send('DELETE', `${artifact}/versions/V1`)
    time.pass(1_000)
    const next = `${artifact.replace('sample', 'sample2')}/versions`
    expect((await one.send('POST', next, await one.reserve('b'))).status).toBe(201)
    time.pass(60_000)
    expect((await one.commit('c')).status).toBe(507)
  })

  test('versions of all artifacts count, even beside an alias called v', async () => {
    const app = await openApp({ quotas: { team: { versions: 3 } } })
    await app.commit('a')
    await app.send('PUT', `${artifact}/aliases/v`, { tag: 'V1' })
    const other = `${artifact.replace('sample', 'other')}/versions`
    expect((await app.send('POST', other, await app.reserve('b'))).status).toBe(201)
    expect((await app.send('POST', other, await app.reserve('c'))).status).toBe(201)
    expect((await app.send('POST', other, await app.reserve('d'))).status).toBe(507)
  })

  test('two servers hold it together, as of their last count', async () => {
    const { time, one, other } = await openTwo({ team: { versions: 2 } })
    const made = async (app: EngineApp, content: string) => (await app.commit(content)).status
    expect(await made(one, 'a')).toBe(201)
    expect(await made(other, 'b')).toBe(201)
    time.pass(60_000)
    expect(await made(one, 'c')).toBe(507)
    expect(await made(other, 'd')).toBe(507)
  })

  test('an API key counts the versions of its user, and one with its own quota has that one', async () => {
    const { by } = await openWithKeys(
      ([, , third = '']) => ({ key: { versions: 1 }, keys: { [third]: { versions: 2 } } }),
      ['ada', 'ben', 'ada'],
    )
    const [ada, ben, nightly] = by
    expect((await ada?.commit('a'))?.status).toBe(201)
    expect((await ada?.commit('b'))?.status).toBe(507)
    expect((await ben?.commit('c'))?.status).toBe(201)
    expect((await nightly?.commit('d'))?.status).toBe(201)
    expect((await nightly?.commit('e'))?.status).toBe(507)
  })
})

describe('requests', () => {
  test('a request beyond the quota of its key is refused with 429 until another one has ended', async () => {
    const { by } = await openWithKeys(() => ({ key: { requests: 1 } }))
    const [ada, ben] = by
    let feed: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) })
    const init: RequestInit & { duplex: 'half' } = {
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    }
    const first = ada?.send('POST', '/teams/t/blobs/missing', init)
    await vi.waitFor(async () => expect((await ada?.send('GET', '/me'))?.status).toBe(429))
    const refused = await ada?.send('GET', '/me')
    expect(refused?.headers.get('retry-after')).toBe('1')
    expect(refused && (await problemOf(refused))).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      limit: 'requests',
      maximum: 1,
    })
    for (const path of ['/healthz', '/openapi.json', ''])
      expect((await ada?.send('GET', path))?.status).toBe(200)
    expect((await ben?.send('GET', '/me'))?.status).toBe(200)
    feed?.enqueue(new TextEncoder().encode('{"digests":[]}'))
    feed?.close()
    expect((await first)?.status).toBe(200)
    expect((await ada?.send('GET', '/me'))?.status).toBe(200)
  })

  test('a response counts until it was read or aborted', async () => {
    const app = await openApp({ quotas: { team: { requests: 1 } } })
    const large = bytes(3_000_000)
    await app.putBlobs(large)
    const path = `http://test${apiBase}/teams/t/blobs/${sha256(large)}`
    const { fetch } = await createApp({
      store: app.store,
      access: { user: 'ada' },
      quotas: { team: { requests: 1 } },
    })
    const status = async () => (await fetch(new Request(`http://test${apiBase}/teams/t/experiments`))).status
    const given = await fetch(new Request(path))
    expect(await status()).toBe(429)
    await given.body?.cancel()
    expect(await status()).toBe(200)
    const read = await fetch(new Request(path))
    expect(await status()).toBe(429)
    expect((await read.arrayBuffer()).byteLength).toBe(3_000_000)
    expect(await status()).toBe(200)
    expect((await fetch(new Request(path, { method: 'HEAD' }))).status).toBe(200)
    expect((await fetch(new Request(path, { headers: { range: 'bytes=9000000-' } }))).status).toBe(416)
    expect(await status()).toBe(200)
  })
})

describe('points', () => {
  test('points beyond the quota wait until they fit, and none is refused permanently', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const app = await openApp({ quotas: { team: { points: 100 } } })
    await app.send('POST', '/teams/t/experiments/e/runs', { run: 'r', commitId: crypto.randomUUID() })
    // The points of ten seconds may arrive at once, and one segment is accepted as a whole.
    expect((await app.send('PUT', log(1), points(2_000))).status).toBe(200)
    const refused = await app.send('PUT', log(2), points(10))
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', retryable: true, limit: 'points', maximum: 100, of: 'team t' },
    })
    expect(refused.headers.get('retry-after')).toBe('10')
    vi.advanceTimersByTime(9_000)
    expect((await app.send('PUT', log(2), points(10))).status).toBe(429)
    vi.advanceTimersByTime(1_000)
    expect((await app.send('PUT', log(2), points(10))).status).toBe(200)
    vi.advanceTimersByTime(1_000)
    // Sent again, it is stored already and costs nothing.
    expect((await app.send('PUT', log(2), points(10))).body).toEqual({ stored: false })
    expect((await app.send('PUT', log(3), points(90))).status).toBe(200)
    expect((await app.send('PUT', log(4), points(1))).status).toBe(200)
    expect((await app.send('PUT', log(5), points(1))).status).toBe(429)
  })

  test('a key that logs too much does not delay others', async () => {
    const { by } = await openWithKeys(() => ({ key: { points: 1 } }))
    const [ada, ben] = by
    await ada?.json('POST', '/teams/t/experiments/e/runs', { run: 'r', commitId: crypto.randomUUID() })
    expect((await ada?.json('PUT', log(1), points(20)))?.status).toBe(200)
    expect((await ada?.json('PUT', log(2), points(1)))?.status).toBe(429)
    expect((await ben?.json('PUT', log(3), points(1)))?.status).toBe(200)
  })
})

test('quotas of requests and points list nothing, and no quotas at all cost nothing', async () => {
  const listed: string[] = []
  const memory = createMemoryStore()
  const store: ObjectStore = {
    ...memory,
    list: (options: ListOptions) => {
      listed.push(options.prefix)
      return memory.list(options)
    },
  }
  for (const quotas of [undefined, { team: { requests: 5, points: 5 }, key: { requests: 5 } }]) {
    const app = await openApp({ store, quotas })
    expect((await app.putBlobs(bytes(10))).status).toBe(200)
  }
  expect(listed).not.toContain('t/t/')
  const counting = await openApp({ store, quotas: { team: { bytes: 500 } } })
  await counting.putBlobs(bytes(10))
  expect(listed).toContain('t/t/')
})

test('a store that is slow to list is counted for at most a tenth of the time', async () => {
  const time = clock()
  const memory = createMemoryStore()
  let counts = 0
  const store: ObjectStore = {
    ...memory,
    async list(options) {
      const page = await memory.list(options)
      if (options.prefix !== 't/t/') return page
      counts += 1
      time.pass(20_000)
      return page
    },
  }
  const app = await openApp({ store, clockAndIds: time, quotas: { team: { bytes: 1_000 } } })
  const put = (size: number) => app.putBlobs(bytes(size))
  await put(900)
  expect((await put(800)).status).toBe(507)
  time.pass(199_000)
  expect((await put(800)).status).toBe(507)
  expect(counts).toBe(1)
  time.pass(1_000)
  expect((await put(800)).status).toBe(507)
  expect(counts).toBe(2)
})

test('writes wait at most a second for a slow count, and then use the last one', async () => {
  const slept: number[] = []
  const time = { ...clock(), sleep: async (ms: number) => void slept.push(ms) }
  const memory = createMemoryStore()
  const store: ObjectStore = {
    ...memory,
    list: (options) => (options.prefix === 't/t/' ? new Promise(() => {}) : memory.list(options)),
  }
  const app = await openApp({ store, clockAndIds: time, quotas: { team: { bytes: 1_000 } } })
  const put = async (content: Uint8Array) => {
    slept.length = 0
    const { status } = await app.putBlobs(content)
    return { status, slept: [...slept] }
  }
  expect(await put(bytes(500, 'a'))).toEqual({ status: 200, slept: [1_000, 1_000] })
  time.pass(1_000)
  expect(await put(bytes(400, 'b'))).toEqual({ status: 200, slept: [] })
  expect(await put(bytes(400, 'c'))).toEqual({ status: 507, slept: [] })
})

test.each<[string, unknown]>([
  ['an unknown limit', { team: { byte: 5 } }],
  ['an unknown limit of a team', { teams: { vision: { byte: 5 } } }],
  ['a text', { key: { requests: '5' } }],
  ['a negative number', { team: { bytes: -1 } }],
  ['a fraction', { team: { versions: 1.5 } }],
  ['not a number', { keys: { '0941af1e1f19': { points: Number.NaN } } }],
  ['no request at all', { team: { requests: 0 } }],
  ['a list', { teams: [] }],
  ['what cannot name a team', { teams: { 'a/b': { bytes: 5 } } }],
  ['a key in place of its id', { keys: { tw_secret: { requests: 5 } } }],
])('%s is refused when an app is made', async (_, quotas) => {
  const made = createApp({ store: createMemoryStore(), quotas: quotas as Quotas }) // As JavaScript allows.
  await expect(made).rejects.toMatchObject({ code: 'option_invalid' })
})
