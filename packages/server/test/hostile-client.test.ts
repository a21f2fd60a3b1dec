import { apiBase, problemSchema, routePath, routes, sha256, type Route } from '@trackway/protocol'
import { afterEach, describe, expect, it, test } from 'vitest'
import * as z from 'zod/mini'
import { createApiKey, createApp, createMemoryStore } from '../src/index.ts'
import { artifact, bytesOf, manifestOf, openApp } from './engine-app.ts'
import { routeNames, someParameters } from './some-parameters.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const names = routeNames
const parameters: Record<string, string> = someParameters

describe('bytes are not stored under a digest that is not theirs', () => {
  const right = encode('right')
  const digest = sha256(right)

  async function sendParts(...contents: string[]) {
    const app = await createApp({ store: createMemoryStore(), access: { user: 'eve' } })
    const parts = contents.map(
      (content) => `--x\r\ncontent-disposition: form-data; name="${digest}"\r\n\r\n${content}\r\n`,
    )
    const put = await app.fetch(
      new Request(`http://test${apiBase}/teams/t/blobs`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: `${parts.join('')}--x--`,
      }),
    )
    const get = await app.fetch(new Request(`http://test${apiBase}/teams/t/blobs/${digest}`))
    return {
      put: put.status,
      body: z.record(z.string(), z.unknown()).parse(await put.json()),
      get: get.status,
      text: await get.text(),
    }
  }

  it('a blob alone', async () => {
    const { put, body, get } = await sendParts('wrong')
    expect([put, body['code'], body['digests'], get]).toEqual([422, 'digest_mismatch', [digest], 404])
  })

  it.each([
    ['first wrong, then right', ['wrong', 'right']],
    ['wrong, right and wrong again', ['wrong', 'right', 'other']],
  ])('parts that claim the same: %s', async (_, contents) => {
    const { put, body, get, text } = await sendParts(...contents)
    expect([put, body['code'], body['digests']]).toEqual([422, 'digest_mismatch', [digest]])
    expect([get, text]).toEqual([200, 'right'])
  })

  it('parts that claim the same: first right, then wrong', async () => {
    const { put, get, text } = await sendParts('right', 'wrong')
    expect([put, get, text]).toEqual([200, 200, 'right'])
  })

  it('a manifest', async () => {
    const app = await openApp()
    const bytes = bytesOf(manifestOf('content'))
    const claimed = sha256(encode('another'))
    const response = await (await createApp({ store: app.store, access: { user: 'eve' } })).fetch(
      new Request(`http://test${apiBase}/teams/t/manifests/${claimed}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/x-ndjson' },
        body: bytes,
      }),
    )
    expect(problemSchema.parse(await response.json())).toMatchObject({ code: 'digest_mismatch' })
    const { objects } = await app.store.list({ prefix: 't/' })
    expect(objects).toEqual([])
  })
})

describe('names that objects inherit do nothing special', () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort()
  const isPolluted = () =>
    Reflect.get({}, 'polluted') !== undefined ||
    JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort()) !== JSON.stringify(before)
  afterEach(() => {
    if (isPolluted()) throw new Error('Objects inherit something that they did not inherit before')
  })

  const evil = [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"prototype":{"polluted":true},"__proto__":null}',
  ]
  const takesJson = names.filter((name) => 'body' in routes[name] && typeof routes[name].body !== 'string')

  it.each(takesJson)('in the body of %s', async (name) => {
    const app = await createApp({ store: createMemoryStore(), access: { user: 'eve' } })
    for (const body of [
      ...evil,
      ...evil.map(
        (text) =>
          `{"config":${text},"metadata":${text},"points":[${text}],"digests":${text},"tag":${text},"commitId":"${crypto.randomUUID()}","state":${text}}`,
      ),
    ]) {
      const { method }: Route = routes[name]
      const headers = { 'content-type': 'application/json', 'if-none-match': '*' }
      const request = new Request(`http://test${routePath(name, parameters)}`, { method, headers, body })
      const response = await app.fetch(request)
      expect(problemSchema.parse(await response.json())).toMatchObject({
        status: 400,
        code: 'request_invalid',
      })
    }
  })

  it.each(['__proto__', 'constructor', 'prototype'])('as a key of a config, %s', async (key) => {
    const app = await openApp()
    const config: unknown = JSON.parse(`{"deep":[{"${key}":{"polluted":true}}]}`)
    const answer = await app.send('POST', '/teams/t/experiments/e/runs', {
      config,
      commitId: crypto.randomUUID(),
    })
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } })
  })

  it.each(['__proto__', 'constructor', 'prototype'])('as a key of a manifest, %s', async (key) => {
    const app = await createApp({ store: createMemoryStore(), access: { user: 'eve' } })
    const [head = '', ...rest] = new TextDecoder().decode(bytesOf(manifestOf('content'))).split('\n')
    const bytes = encode([head.replace('{', `{"${key}":{"polluted":true},`), ...rest].join('\n'))
    const response = await app.fetch(
      new Request(`http://test${apiBase}/teams/t/manifests/${sha256(bytes)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/x-ndjson' },
        body: bytes,
      }),
    )
    expect(response.status).toBe(200)
  })

  it('as names of a team, an experiment, an artifact, an alias and a file', async () => {
    const store = createMemoryStore()
    const app = await createApp({ store })
    const admin = await createApiKey(store, { user: 'ada', roles: { '*': 'admin' } })
    const stranger = await createApiKey(store, { user: 'eve', roles: { ours: 'admin' } })
    const ask = (key: string) =>
      app.fetch(
        new Request(`http://test${apiBase}/teams/constructor/experiments`, {
          headers: { authorization: `Bearer ${key}` },
        }),
      )
    expect((await ask(admin.key)).status).toBe(200)
    expect((await ask(stranger.key)).status).toBe(404)

    const engine = await openApp()
    await engine.commit('content')
    await engine.send('PUT', `${artifact}/aliases/constructor`, { tag: 'V1' })
    expect((await engine.send('GET', `${artifact}/aliases`)).body).toEqual({ aliases: { constructor: 'V1' } })
    expect(await engine.send('GET', `${artifact}/aliases/valueOf`)).toMatchObject({
      status: 404,
      body: { aliases: ['constructor'] },
    })
    expect((await engine.send('GET', `${artifact}/versions/toString`)).status).toBe(404)
    expect((await engine.send('GET', `${artifact}/versions/V1/files/__proto__`)).status).toBe(404)
  })
})

test('nothing about a key, or anything else, reaches another team', async () => {
  const store = createMemoryStore()
  const app = await createApp({ store })
  const { document } = await createApiKey(store, {
    user: 'ada',
    roles: { theirs: 'read' },
    name: 'for the robot',
  })
  const { key } = await createApiKey(store, { user: 'eve', roles: { ours: 'admin' } })
  for (const name of names) {
    const { method }: Route = routes[name]
    const url = `http://test${routePath(name, { ...parameters, team: 'theirs' })}`
    const response = await app.fetch(
      new Request(url, { method, headers: { authorization: `Bearer ${key}` } }),
    )
    const text = await response.text()
    for (const fact of [document.id, 'robot']) expect(text).not.toContain(fact)
    if (routes[name].path.includes('{team}')) expect(response.status).toBe(404)
  }
})
