import { routePath, routes, type Role, type Route } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { createUrlSigner } from '../src/auth/url-signing-keys.ts'
import { createApiKey, createApp, revokeApiKey, type ObjectStore, type RequestEvent } from '../src/index.ts'
import { artifact, openApp } from './engine-app.ts'
import { routeNames, someParameters } from './some-parameters.ts'

const base = 'http://test/api/v1'
const version = `${artifact}/versions/V1`
const answerSchema = z.object({
  tag: z.string(),
  expiresAt: z.nullable(z.string()),
  urls: z.array(z.object({ path: z.string(), query: z.string() })),
})

/** A server with keys over a store with two versions of a file, `0123456789` and `other`, in team `t`. */
async function openServer(roles: Record<string, Role> = { t: 'read' }) {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: new Date('2026-11-21T12:00:00Z') })
  onTestFinished(() => void vi.useRealTimers())
  const { store, commit, send } = await openApp()
  await commit('0123456789')
  await commit('other')
  await send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  const { key, document } = await createApiKey(store, { user: 'ada', roles })
  const events: RequestEvent[] = []
  const app = await createApp({ store, onRequest: (event) => void events.push(event) })
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    app.fetch(new Request(base + path, { method, headers }))
  const ask = (body: unknown, { by = key, of = version } = {}) =>
    app.fetch(
      new Request(`${base}${of}/signed-urls`, {
        method: 'POST',
        headers: { authorization: `Bearer ${by}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  async function sign(body: object = {}, options = {}): Promise<string> {
    const answer = answerSchema.parse(await (await ask({ paths: ['file'], ...body }, options)).json())
    return answer.urls[0]?.query ?? ''
  }
  const pass = (seconds: number) => void vi.advanceTimersByTime(seconds * 1000)
  return { store, get, ask, sign, pass, key, id: document.id, events }
}

test('a signed URL reads its file without a key: whole, in ranges, and by HEAD', async () => {
  const { get, sign } = await openServer()
  const address = `${version}/files/file?${await sign()}`
  const whole = await get(address)
  expect(await whole.text()).toBe('0123456789')
  expect(whole.headers.get('accept-ranges')).toBe('bytes')
  expect(whole.headers.get('referrer-policy')).toBe('no-referrer')
  expect(whole.headers.get('cache-control')).toBe('private, max-age=3600, immutable')
  const part = await get(address, { range: 'bytes=-3' })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 7-9/10'])
  expect(await part.text()).toBe('789')
  expect((await get(address, { range: 'bytes=10-' })).status).toBe(416)
  const head = await get(address, {}, 'HEAD')
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
})

test('names may change their case, and the URL its encoding, since what is signed is its meaning', async () => {
  const { get, sign } = await openServer()
  const query = await sign()
  for (const written of [
    version.replace('dataset', 'DataSet').replace('/t/', '/T/').replace('V1', 'v1'),
    version.replace('sample', '%73ample'),
  ])
    expect((await get(`${written}/files/%66ile?${query}`)).status).toBe(200)
})

test('a signed URL stays that of the version it was made for, whatever has the name later', async () => {
  const { ask, get } = await openServer()
  for (const [revision, tag] of [
    ['latest', 'V2'],
    ['best', 'V1'],
  ]) {
    const answer = answerSchema.parse(
      await (await ask({ paths: ['file'] }, { of: `${artifact}/versions/${revision}` })).json(),
    )
    expect(answer.tag).toBe(tag)
    const query = answer.urls[0]?.query
    expect((await get(`${artifact}/versions/${tag}/files/file?${query}`)).status).toBe(200)
    expect((await get(`${artifact}/versions/${revision}/files/file?${query}`)).status).toBe(401)
  }
})

const elsewhere = {
  'another version': version.replace('V1', 'V2'),
  'another artifact': version.replace('sample', 'other'),
  'another type': version.replace('dataset', 'model'),
  'another experiment': version.replace('/e/', '/other/'),
  'another team': version.replace('/t/', '/other/'),
}

test.each(Object.entries(elsewhere))('a signed URL does not work for %s', async (_, location) => {
  const { get, sign } = await openServer({ '*': 'read' })
  const query = await sign()
  expect((await get(`${version}/files/file?${query}`)).status).toBe(200)
  expect((await get(`${location}/files/file?${query}`)).status).toBe(401)
  expect((await get(`${version}/files/file2?${query}`)).status).toBe(401)
})

test.each(routeNames.filter((name) => name !== 'getFile'))(
  'a signed URL does not work for %s',
  async (name) => {
    const { get, sign } = await openServer({ '*': 'admin' })
    const { access, method, query }: Route = routes[name]
    const parameters = { ...someParameters, team: 't', experiment: 'e' }
    const { status } = await get(`${routePath(name, parameters).slice(7)}?${await sign()}`, {}, method)
    if (access === 'public') expect(status).toBeLessThan(400)
    else expect([401, query === undefined ? 401 : 400]).toContain(status)
  },
)

test('a signed URL cannot be altered', async () => {
  const { get, sign, pass } = await openServer()
  const fields = new URLSearchParams(await sign({ expiresInSeconds: 60 }))
  const { key: other } = Object.fromEntries(new URLSearchParams(await (await openServer()).sign()))
  const replaced = (name: string, value: string) => {
    const changed = new URLSearchParams(fields)
    changed.set(name, value)
    return changed
  }
  const without = (name: string) => new URLSearchParams([...fields].filter(([field]) => field !== name))
  const signature = fields.get('signature') ?? ''
  const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
  const altered = [
    replaced('expires', String(Number(fields.get('expires')) + 1)),
    replaced('expires', `0${fields.get('expires')}`),
    replaced('expires', '1e12'),
    replaced('key', other ?? ''),
    replaced('key', '0'.repeat(64)),
    replaced('key', (fields.get('key') ?? '').slice(0, 12)),
    replaced('key', '../keys/x'),
    replaced('signature', flipped),
    replaced('signature', ''),
    replaced('signature', 'A'.repeat(86)),
    without('key'),
    without('expires'),
    new URLSearchParams([...fields, ['signature', flipped]]),
  ]
  for (const query of altered) expect((await get(`${version}/files/file?${query}`)).status).toBe(401)
  expect((await get(`${version}/files/file?${without('signature')}`)).status).toBe(401)
  expect((await get(`${version}/files/file?${fields}`)).status).toBe(200)
  pass(61)
  const late = await get(`${version}/files/file?${fields}`)
  expect(late.status).toBe(401)
  expect(await late.text()).toContain('This signed URL has expired')
})

test('a signed URL expires with its key, or with the role of its key, within a minute', async () => {
  const { store, get, sign, pass, id } = await openServer()
  const address = `${version}/files/file?${await sign({ expiresInSeconds: 604_800 })}`
  expect((await get(address)).status).toBe(200)
  await revokeApiKey(store, id)
  pass(61)
  expect((await get(address)).status).toBe(401)
})

test('a signed URL does not reach what its key cannot', async () => {
  const { get, sign, ask, store, key } = await openServer({ theirs: 'admin' })
  expect((await ask({ paths: ['file'] })).status).toBe(404)
  // A former member of the team signed a URL there.
  const { key: once, document } = await createApiKey(store, { user: 'bea', roles: { t: 'read' } })
  const query = await sign({}, { by: once })
  await revokeApiKey(store, document.id)
  await createApiKey(store, { user: 'bea', roles: { theirs: 'read' }, key: once })
  expect((await get(`${version}/files/file?${query}`)).status).toBe(404)
  // Whatever else is sent along.
  const headers = { authorization: `Bearer ${key}` }
  expect((await get(`${version}/files/file?${query}`, headers)).status).toBe(404)
})

test('a signed URL does not outlive the key that signed it', async () => {
  const { store, ask, get, pass } = await openServer()
  const expiresAt = new Date(Date.now() + 60_000)
  const { key } = await createApiKey(store, { user: 'bea', roles: { t: 'read' }, expiresAt })
  const answer = answerSchema.parse(await (await ask({ paths: ['file'] }, { by: key })).json())
  expect(answer.expiresAt).toBe('2026-11-21T12:01:00.000Z')
  const address = `${version}/files/file?${answer.urls[0]?.query}`
  expect((await get(address)).headers.get('cache-control')).toBe('private, max-age=60, immutable')
  pass(60)
  expect((await get(address)).status).toBe(401)
})

test('the stored document of a key is not enough to sign a URL', async () => {
  const { store, get, sign, key: apiKey } = await openServer()
  const { key = '', expires = '' } = Object.fromEntries(new URLSearchParams(await sign()))
  const stored = await textOf(store, `auth/keys/${key}.json`)
  const { addressKey } = z.object({ addressKey: z.string() }).parse(JSON.parse(stored))
  const file = ['t', 'e', 'dataset', 'sample', 'V1', 'file']
  const text = JSON.stringify(['trackway address of a file', key, Number(expires), ...file])
  for (const secret of [key, `sha256:${key}`, Buffer.from(key, 'hex').toString('latin1'), addressKey]) {
    const signature = await (await createUrlSigner(secret))(text)
    const query = new URLSearchParams({ key, expires, signature })
    expect((await get(`${version}/files/file?${query}`)).status).toBe(401)
  }
  // With the key itself the same gives a valid URL, so only the secret was wrong above.
  const signature = await (await createUrlSigner(apiKey))(text)
  const query = new URLSearchParams({ key, expires, signature })
  expect((await get(`${version}/files/file?${query}`)).status).toBe(200)
})

async function textOf(store: ObjectStore, key: string): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of (await store.get(key))?.body ?? []) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test('a key from before signed URLs existed signs none, and does everything else', async () => {
  const { store, ask, get } = await openServer()
  const { key, document } = await createApiKey(store, { user: 'old', roles: { t: 'read' } })
  const [name = ''] = (await store.list({ prefix: `auth/keys/${document.id}` })).objects.map(
    (each) => each.key,
  )
  const { addressKey: _, ...old } = document
  await store.delete(name)
  await store.putIfAbsent(name, new TextEncoder().encode(JSON.stringify(old)))
  const answer = await ask({ paths: ['file'] }, { by: key })
  expect(answer.status).toBe(403)
  expect(await answer.text()).toContain('trackway-server keys add')
  expect((await get(`${version}/files/file`, { authorization: `Bearer ${key}` })).status).toBe(200)
})

test('missing files and requests beyond the limits are refused when the URL is requested', async () => {
  const { ask } = await openServer()
  expect((await ask({ paths: ['fil'] })).status).toBe(404)
  expect((await ask({ paths: ['file'] }, { of: `${artifact}/versions/V7` })).status).toBe(404)
  for (const body of [
    { paths: [] },
    { paths: ['../file'] },
    { paths: Array.from({ length: 1001 }, () => 'file') },
    { paths: ['file'], expiresInSeconds: 604_801 },
    { paths: ['file'], expiresInSeconds: 0 },
    { paths: ['file'], expiresInSeconds: 1.5 },
  ])
    expect((await ask(body)).status).toBe(400)
})

test('a server that needs no key gives plain URLs', async () => {
  const { commit, send } = await openApp()
  await commit('content')
  const { body } = await send('POST', `${version}/signed-urls`, { paths: ['file'] })
  expect(body).toEqual({ tag: 'V1', expiresAt: null, urls: [{ path: 'file', query: '' }] })
})

test('logs and errors of a server contain no signed URL', async () => {
  const { get, sign, events } = await openServer()
  const fields = new URLSearchParams(await sign())
  const texts: string[] = []
  for (const path of ['files/file', 'files/other', 'manifest', 'nowhere', 'files/..%2Fx']) {
    const response = await get(`${version}/${path}?${fields}`)
    texts.push(JSON.stringify([...response.headers]), response.ok ? '' : await response.text())
  }
  const told = texts.join() + events.map((event) => JSON.stringify(event) + String(event.error)).join()
  expect(events).toHaveLength(6)
  expect(told).not.toContain(fields.get('signature'))
  expect(told).not.toContain(fields.get('key'))
})
