import {
  apiBase,
  problemSchema,
  routePath,
  routes,
  TrackwayError,
  type Route,
  type RouteName,
} from '@trackway/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApiKey, createApp, createMemoryStore, revokeApiKey, type App } from '../src/index.ts'
import { routeNames, someParameters } from './some-parameters.ts'

const origin = 'http://trackway.test'
const names = routeNames
const roles = ['read', 'write', 'admin'] as const
const ranks = { read: 1, write: 2, admin: 3 }
const parameters = { ...someParameters, team: 'ours' }
const keys = new Map<string, string>()
let app: App

beforeAll(async () => {
  const store = createMemoryStore()
  app = await createApp({ store })
  for (const role of roles) {
    for (const team of ['ours', 'theirs', '*']) {
      const { key } = await createApiKey(store, { user: 'ada', roles: { [team]: role } })
      keys.set(`${role} ${team}`, key)
    }
  }
})

function ask(name: RouteName, key?: string): Promise<Response> {
  const { method, body }: Route = routes[name]
  const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` })
  if (body !== undefined) headers.set('content-type', typeof body === 'string' ? body : 'application/json')
  const init = body === undefined ? { method, headers } : { method, headers, body: '{}' }
  return app.fetch(new Request(origin + routePath(name, parameters), init))
}

/** The outcome of the permission check alone; whatever comes after it counts as admitted. */
async function verdict(name: RouteName, key?: string): Promise<string> {
  const response = await ask(name, key)
  if (response.status < 400) return 'admitted'
  const problem = problemSchema.parse(await response.json())
  if (problem.code === 'not_found' && problem.detail.startsWith('This API key does not belong to a team'))
    return 'no team'
  return ['unauthorized', 'forbidden'].includes(problem.code) ? problem.code : 'admitted'
}

describe.each(names)('the route %s', (name) => {
  const { access, path }: Route = routes[name]
  const open = access === 'public'
  const needed = access === 'public' || access === 'key' ? undefined : access

  it('requires a key unless it is public', async () => {
    expect(path.includes('{team}')).toBe(needed !== undefined)
    expect(await verdict(name)).toBe(open ? 'admitted' : 'unauthorized')
    expect(await verdict(name, `tw_${'x'.repeat(43)}`)).toBe(open ? 'admitted' : 'unauthorized')
  })

  it.each(roles)('gives a key with the role %s its due, in its own team and in others', async (role) => {
    const due = needed === undefined || ranks[role] >= ranks[needed] ? 'admitted' : 'forbidden'
    expect(await verdict(name, keys.get(`${role} ours`))).toBe(due)
    expect(await verdict(name, keys.get(`${role} *`))).toBe(due)
    expect(await verdict(name, keys.get(`${role} theirs`))).toBe(
      needed === undefined ? 'admitted' : 'no team',
    )
  })
})

describe('an answer that refuses', () => {
  it('is a problem that names the request and how to show a key', async () => {
    const response = await ask('getMe')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    const problem = problemSchema.parse(await response.json())
    expect(problem).toMatchObject({ code: 'unauthorized', status: 401, retryable: false })
    expect(problem.requestId).toBe(response.headers.get('x-request-id'))
  })

  it('is returned for a key that was revoked before its first use', async () => {
    const store = createMemoryStore()
    const fresh = await createApp({ store })
    const { key, document } = await createApiKey(store, { user: 'ada', roles: { ours: 'read' } })
    await revokeApiKey(store, document.id)
    const headers = { authorization: `Bearer ${key}` }
    expect((await fresh.fetch(new Request(`${origin}${apiBase}/me`, { headers }))).status).toBe(401)
  })

  it('is 421 under a host name that is not the server’s', async () => {
    const guarded = await createApp({ store: createMemoryStore(), hosts: ['trackway.test'] })
    expect((await guarded.fetch(new Request(`http://evil.test${apiBase}/healthz`))).status).toBe(421)
    expect((await guarded.fetch(new Request(`${origin}${apiBase}/healthz`))).status).toBe(200)
  })
})

it('hides the location and the failure of the store from clients, and logs both', async () => {
  const store = createMemoryStore()
  const { key } = await createApiKey(store, { user: 'ada', roles: { ours: 'write' } })
  const told: unknown[] = []
  const broken = await createApp({ store, onRequest: ({ error }) => void told.push(error) })
  store.head = () => Promise.reject(new TrackwayError('store_unavailable', 'http://10.0.0.7:9000 is down'))
  const response = await broken.fetch(
    new Request(`${origin}${apiBase}/teams/ours/blobs/missing`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ digests: [`sha256:${'0'.repeat(64)}`] }),
    }),
  )
  expect(response.status).toBe(503)
  const problem = problemSchema.parse(await response.json())
  expect(problem).toMatchObject({ code: 'store_unavailable', retryable: true })
  expect(problem.detail).not.toContain('10.0.0.7')
  expect(told).toEqual([expect.objectContaining({ message: 'http://10.0.0.7:9000 is down' })])
})
