import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiBase, problemSchema, routePath, routes, type Route, type RouteName } from '@trackway/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiKey, createApp, type ObjectStore } from '../src/index.ts'
import { openDirectoryStore, serve, type RunningServer } from '../src/node/index.ts'
import { openApp } from './engine-app.ts'
import { routeNames, someParameters } from './some-parameters.ts'

const secret = 'what belongs to the other team'
const names = routeNames
const parameters: Record<string, string> = someParameters

let folder: string
let server: RunningServer
let key: string
let before: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trackway-hostile-'))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'outside.json'), JSON.stringify({ formatVersion: 1, secret }))
  const store = await openDirectoryStore(join(folder, 'data'))
  const app = await openApp({ store })
  await app.commit(secret)
  await giveAway(store)
  await app.commit('what belongs to us')
  key = (await createApiKey(store, { user: 'eve', roles: { t: 'admin' } })).key
  server = await serve({ app: await createApp({ store }), port: 0 })
  before = await everythingOutside()
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** Copies the data of team `t` to the other team, under the same names. */
async function giveAway(store: ObjectStore): Promise<void> {
  const { objects } = await store.list({ prefix: 't/t/' })
  for (const { key: from } of objects) {
    const object = await store.get(from)
    if (object !== undefined) await store.putIfAbsent(from.replace('t/t/', 't/theirs/'), object.body)
    await store.delete(from)
  }
}

/** Files beside the store, or in the other team's part of it. */
async function everythingOutside(): Promise<string[]> {
  const all = await readdir(folder, { recursive: true })
  return all.filter((path) => !path.startsWith('data/') || path.startsWith('data/t/theirs/')).sort()
}

/** Sends a URL unchanged, which neither `fetch` nor a browser would. */
function send(method: string, path: string, body: string | undefined, type: string) {
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': type }) }
    const request = httpRequest(server.url + apiBase, { method, path, headers }, (response) => {
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

const bodies: Record<string, string> = {
  'application/x-ndjson': '{}\n',
  'multipart/form-data': '--x--',
}

async function ask(name: RouteName, path: string) {
  const { method, body }: Route = routes[name]
  if (body === undefined) return send(method, path, undefined, '')
  if (typeof body !== 'string') return send(method, path, '{}', 'application/json')
  const type = body === 'multipart/form-data' ? `${body}; boundary=x` : body
  return send(method, path, bodies[body], type)
}

const hostile = [
  '%2e%2e',
  '%2e',
  '..',
  '..%2ftheirs',
  '%2e%2e%2ftheirs',
  '..%2f..%2f..%2foutside',
  '..%2f..%2f..%2f..%2fetc%2fpasswd',
  '%2f',
  '%2fetc%2fpasswd',
  't%2f..%2ftheirs',
  '..%5c..%5ctheirs',
  '%5c%5cserver%5cshare',
  'C:%5cfile',
  'C%3a%2ffile',
  'file%00.txt',
  '%00',
  '%0d%0ax-header:%20injected',
  '%252e%252e%252ftheirs',
  '%25',
  '%',
  '%zz',
  '%ff',
  '%c0%ae%c0%ae%c0%aftheirs',
  '%ed%a0%80',
  'theirs',
  'THEIRS',
  '%e2%84%aa',
  '*',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'CON',
  'nul.txt',
  'a.',
  'a%20',
  '%20',
  '%e2%80%ae',
  'a'.repeat(3000),
  'e%cc%81',
  `sha256:${'0'.repeat(63)}`,
  `sha256:${'0'.repeat(12)}`,
  'V1.tar',
  'V99999999999999999999',
  'latest',
]

const withParameters = names.filter((name) => routes[name].path.includes('{'))

test.each(withParameters)('no address of %s leads elsewhere or to a failure', async (name) => {
  const { path }: Route = routes[name]
  for (const [, parameter = ''] of path.matchAll(/\{(\w+)\}/g)) {
    for (const text of hostile) {
      const address = routePath(name, { ...parameters, [parameter]: 'PLACEHOLDER' }).replace(
        'PLACEHOLDER',
        text,
      )
      const answer = await ask(name, address)
      expect(answer.status, `${parameter}: ${address}`).toBeLessThan(500)
      expect(answer.text).not.toContain(secret)
      if (answer.status < 400) continue
      expect(answer.type, address).toBe('application/problem+json')
      expect(problemSchema.parse(JSON.parse(answer.text)).status).toBe(answer.status)
    }
  }
})

test.each(['cursor', 'limit', 'type', 'experiment', 'base', '__proto__', 'constructor', 'x'])(
  'no query %s leads elsewhere or to a failure',
  async (parameter) => {
    for (const name of names.filter((candidate) => 'query' in routes[candidate])) {
      for (const text of ['', ...hostile]) {
        const address = `${routePath(name, parameters)}?${parameter}=${text}`
        const answer = await ask(name, address)
        expect(answer.status, address).toBeLessThan(500)
        expect(answer.text).not.toContain(secret)
        if (answer.status >= 400) problemSchema.parse(JSON.parse(answer.text))
        if (['__proto__', 'constructor', 'x'].includes(parameter)) expect(answer.status).toBe(400)
      }
    }
  },
)

test("the team's data exists, and the other team has the same", async () => {
  const own = await ask('getFile', routePath('getFile', parameters))
  expect(own).toMatchObject({ status: 200, text: 'what belongs to us' })
  expect(before.length).toBeGreaterThan(5)
})

test("nothing was written or removed outside the team's data", async () => {
  expect(await everythingOutside()).toEqual(before)
})
