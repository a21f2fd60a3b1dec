import { apiBase, problemSchema, type Problem } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createApiKey, createApp, createMemoryStore, listApiKeys, revokeApiKey } from '../src/index.ts'

/** A server with keys, at the beginning of 2026. */
async function openServer() {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: new Date('2026-01-01T00:00:00Z') })
  onTestFinished(() => void vi.useRealTimers())
  const store = createMemoryStore()
  const app = await createApp({ store })
  const ask = (key: string) =>
    app.fetch(new Request(`http://test${apiBase}/me`, { headers: { authorization: `Bearer ${key}` } }))
  const makeKey = (user: string, expiresAt?: Date) =>
    createApiKey(store, { user, roles: { ours: 'read' }, expiresAt })
  return { store, ask, makeKey, statusOf: async (key: string) => (await ask(key)).status }
}

async function problemOf(response: Response): Promise<Problem> {
  return problemSchema.parse(await response.json())
}

test('a revoked key works for a minute at most, and other keys still work', async () => {
  const { store, statusOf, makeKey } = await openServer()
  const revoked = await makeKey('eve')
  const kept = await makeKey('ada')
  expect([await statusOf(revoked.key), await statusOf(kept.key)]).toEqual([200, 200])
  await revokeApiKey(store, revoked.document.id)
  vi.advanceTimersByTime(59_000)
  await statusOf(revoked.key) // Using it does not extend its life.
  vi.advanceTimersByTime(1000)
  expect([await statusOf(revoked.key), await statusOf(kept.key)]).toEqual([401, 200])
  expect((await listApiKeys(store)).map(({ user }) => user)).toEqual(['ada'])
})

test('a revoked key does not live longer if the clock is set back', async () => {
  const { store, statusOf, makeKey } = await openServer()
  const { key, document } = await makeKey('eve')
  expect(await statusOf(key)).toBe(200)
  await revokeApiKey(store, document.id)
  vi.setSystemTime(new Date('2025-01-01T00:00:00Z'))
  vi.advanceTimersByTime(60_000)
  expect(await statusOf(key)).toBe(401)
})

test('a key expires on time, even within the minute for which a server remembers it', async () => {
  const { ask, statusOf, makeKey } = await openServer()
  const { key, document } = await makeKey('ada', new Date('2026-01-01T00:00:30Z'))
  expect(await statusOf(key)).toBe(200)
  vi.advanceTimersByTime(29_999)
  expect(await statusOf(key)).toBe(200)
  vi.advanceTimersByTime(1)
  const response = await ask(key)
  expect(response.status).toBe(401)
  const problem = await problemOf(response)
  expect(problem).toMatchObject({ code: 'unauthorized', expiresAt: '2026-01-01T00:00:30.000Z' })
  expect(problem.detail).toContain(`The API key ${document.id} expired on 2026-01-01`)
})

test('a key whose end is in the past is not made', async () => {
  const { store, makeKey } = await openServer()
  await expect(makeKey('ada', new Date('2025-12-31T00:00:00Z'))).rejects.toMatchObject({
    code: 'option_invalid',
  })
  expect(await listApiKeys(store)).toEqual([])
})
