import { expect, test } from 'vitest'
import { createMemoryStore, sweepTeam, type ObjectStore, type ClockAndIds } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, openApp, type EngineApp } from './engine-app.ts'

const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const dayMs = 24 * 60 * 60 * 1000

/** An app over memory whose clock the test sets. */
async function openAt(wrap = (store: ObjectStore) => store) {
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const inner = createMemoryStore({ now: () => clock.ms })
  const clockAndIds: ClockAndIds = {
    now: () => clock.ms,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    newId: () => crypto.randomUUID(),
  }
  const app = await openApp({ store: wrap(inner), clockAndIds })
  const sweep = (options = {}) => sweepTeam(inner, 't', options, clockAndIds)
  return { app, inner, clock, sweep }
}

function deleteVersion(app: EngineApp, tag: string) {
  return app.send('DELETE', `${artifact}/versions/${tag}`)
}

function restore(app: EngineApp, tag: string) {
  return app.send('POST', `${artifact}/versions/${tag}/restore`)
}

async function contentOf(app: EngineApp, revision: string): Promise<number> {
  return (await app.send('GET', `${artifact}/versions/${revision}/files/file`)).status
}

test('a deleted version is gone, its tag stays taken, and latest is the one before', async () => {
  const { app } = await openAt()
  for (const content of ['one', 'two']) await app.commit(content)
  const deleted = await deleteVersion(app, 'V2')
  expect(deleted).toMatchObject({ status: 200, body: { deletedBy: 'tester' } })
  expect(await app.send('GET', `${artifact}/versions/V2`)).toMatchObject({
    status: 410,
    body: { code: 'version_deleted' },
  })
  expect(await app.send('GET', `${artifact}/versions/latest`)).toMatchObject({ body: { tag: 'V1' } })
  expect(await app.commit('three')).toMatchObject({ status: 201, body: { tag: 'V3' } })
})

test('deleting twice returns who was first; a version that never existed cannot be deleted', async () => {
  const { app, clock } = await openAt()
  await app.commit('one')
  const first = await deleteVersion(app, 'V1')
  clock.ms += 1000
  expect((await deleteVersion(app, 'V1')).body).toEqual(first.body)
  expect(await deleteVersion(app, 'V2')).toMatchObject({ status: 404 })
  expect(await restore(app, 'V2')).toMatchObject({ status: 404 })
})

test('a version can be restored and deleted in turn, and the last action counts', async () => {
  const { app } = await openAt()
  await app.commit('one')
  for (let round = 0; round < 6; round += 1) {
    await deleteVersion(app, 'V1')
    expect(await contentOf(app, 'V1')).toBe(410)
    expect(await restore(app, 'V1')).toMatchObject({ status: 200, body: { tag: 'V1' } })
    expect(await contentOf(app, 'V1')).toBe(200)
    expect(await app.send('GET', `${artifact}/versions`)).toMatchObject({ body: { items: [{ tag: 'V1' }] } })
  }
})

test('a version that an alias points to is not deleted', async () => {
  const { app } = await openAt()
  await app.commit('one')
  await app.send('PUT', `${artifact}/aliases/production`, { tag: 'V1' })
  expect(await deleteVersion(app, 'V1')).toMatchObject({
    status: 409,
    body: { code: 'alias_in_use', aliases: ['production'] },
  })
  await app.send('PUT', `${artifact}/aliases/production`, { tag: null })
  expect(await deleteVersion(app, 'V1')).toMatchObject({ status: 200 })
  expect(await app.send('PUT', `${artifact}/aliases/production`, { tag: 'V1' })).toMatchObject({
    status: 410,
  })
})

test('moving an alias to a version while it is deleted undoes the deletion', async () => {
  const { app } = await openAt((inner) => ({
    ...inner,
    async putIfAbsent(key, body) {
      const stored = await inner.putIfAbsent(key, body)
      // Somebody else's move, which the first check of the aliases did not see.
      if (key === layout.tombstone(scope, 1)) {
        const move = {
          formatVersion: 1,
          alias: 'best',
          tag: 'V1',
          movedAt: '2026-01-01T00:00:00.000Z',
          movedBy: 'a',
        }
        await inner.putIfAbsent(
          layout.aliasMove(scope, 'best', 1),
          new TextEncoder().encode(JSON.stringify(move)),
        )
      }
      return stored
    },
  }))
  await app.commit('one')
  expect(await deleteVersion(app, 'V1')).toMatchObject({ status: 409, body: { code: 'alias_in_use' } })
  expect(await contentOf(app, 'best')).toBe(200)
})

test('deleting a version while an alias is moved to it undoes the move', async () => {
  const { app, inner } = await openAt((store) => ({
    ...store,
    async putIfAbsent(key, body) {
      const stored = await store.putIfAbsent(key, body)
      if (key === layout.aliasMove(scope, 'best', 2)) {
        const tombstone = { formatVersion: 1, deletedAt: '2026-01-01T00:00:00.000Z', deletedBy: 'a' }
        await store.putIfAbsent(
          layout.tombstone(scope, 2),
          new TextEncoder().encode(JSON.stringify(tombstone)),
        )
      }
      return stored
    },
  }))
  for (const content of ['one', 'two']) await app.commit(content)
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  expect(await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V2' })).toMatchObject({ status: 410 })
  expect(await inner.head(layout.aliasMove(scope, 'best', 3))).toBeDefined()
  expect(await contentOf(app, 'best')).toBe(200)
})

test('a deleted version can be restored for a week; then a sweep removes it', async () => {
  const { app, clock, sweep } = await openAt()
  for (const content of ['one', 'two']) await app.commit(content)
  await deleteVersion(app, 'V1')
  clock.ms += 7 * dayMs - 1
  expect(await sweep()).toMatchObject({ blobs: 0, manifests: 0 })
  expect(await restore(app, 'V1')).toMatchObject({ status: 200 })
  expect(await contentOf(app, 'V1')).toBe(200)
  await deleteVersion(app, 'V1')
  clock.ms += 7 * dayMs
  expect(await sweep({ dryRun: true })).toMatchObject({ blobs: 1, manifests: 1, versions: 1 })
  expect(await sweep()).toMatchObject({ blobs: 1, manifests: 1, versions: 1 })
  expect(await sweep()).toMatchObject({ blobs: 0, manifests: 0 })
  expect(await restore(app, 'V1')).toMatchObject({ status: 410, body: { code: 'version_deleted' } })
  expect(await contentOf(app, 'V2')).toBe(200)
  expect(await app.commit('one')).toMatchObject({ status: 201, body: { tag: 'V3' } })
  expect(await contentOf(app, 'V3')).toBe(200)
})

test('a version that was deleted long ago but not swept yet can still be restored', async () => {
  const { app, clock, inner } = await openAt()
  await app.commit('one')
  await deleteVersion(app, 'V1')
  clock.ms += 100 * dayMs
  expect(await restore(app, 'V1')).toMatchObject({ status: 200 })
  expect(await contentOf(app, 'V1')).toBe(200)
  expect((await inner.list({ prefix: layout.reservations('t') })).objects).toEqual([])
})

test('rules delete old versions, but not the newest, nor those with an alias, and say what that frees', async () => {
  const { app, clock } = await openAt()
  for (const content of ['one', 'two', 'three', 'four', 'five']) {
    await app.commit(content)
    clock.ms += 10 * dayMs
  }
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V2' })
  const retention = '/teams/t/experiments/e/retention'
  const rules = { keepLast: 2, olderThanDays: 25 }
  const preview = await app.send('POST', retention, { ...rules, dryRun: true })
  expect(preview).toMatchObject({
    status: 200,
    body: { versions: [{ tag: 'V1' }, { tag: 'V3' }], kept: 3, dryRun: true },
  })
  expect(await app.send('GET', `${artifact}/versions/V1`)).toMatchObject({ status: 200 })
  const done = await app.send('POST', retention, rules)
  expect(done.body).toEqual({ ...preview.body, dryRun: false })
  expect(await app.send('GET', `${artifact}/versions`)).toMatchObject({
    body: { items: [{ tag: 'V5' }, { tag: 'V4' }, { tag: 'V2' }] },
  })
  expect(await app.send('POST', retention, {})).toMatchObject({ status: 400 })
  // One line, whatever the mistake.
  const refused = await app.send('POST', retention, { keepLast: 0, dryRun: 1 })
  expect(refused.body['detail']).toMatch(/^The body is not valid: keepLast: [^\n✖]*; dryRun: [^\n✖]*$/)
})

test('the bytes that a rule announces are those that a sweep frees', async () => {
  const { app, clock, sweep } = await openAt()
  for (const content of ['one', 'shared', 'three', 'shared', 'five']) await app.commit(content)
  const rules = { keepLast: 2 }
  const { body } = await app.send('POST', '/teams/t/experiments/e/retention', rules)
  clock.ms += 8 * dayMs
  const { bytes, blobs } = await sweep()
  expect(body).toMatchObject({ versions: [{ tag: 'V1' }, { tag: 'V2' }, { tag: 'V3' }], freedBytes: bytes })
  expect(blobs).toBe(2)
})

test('a deletion that ended before it checked the aliases again is undone by the next one', async () => {
  const { app, inner } = await openAt()
  await app.commit('one')
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  // The state after a deletion if an alias was moved there between its two checks.
  const tombstone = { formatVersion: 1, deletedAt: '2026-01-01T00:00:00.000Z', deletedBy: 'a' }
  await inner.putIfAbsent(layout.tombstone(scope, 1), new TextEncoder().encode(JSON.stringify(tombstone)))
  expect(await deleteVersion(app, 'V1')).toMatchObject({ status: 409, body: { code: 'alias_in_use' } })
  expect(await contentOf(app, 'best')).toBe(200)
})

test('an alias move that is undone does not end at another deleted version', async () => {
  const { app } = await openAt((store) => ({
    ...store,
    async putIfAbsent(key, body) {
      const stored = await store.putIfAbsent(key, body)
      const tombstone = { formatVersion: 1, deletedAt: '2026-01-01T00:00:00.000Z', deletedBy: 'a' }
      if (key === layout.aliasMove(scope, 'best', 2)) {
        for (const number of [1, 2]) {
          const bytes = new TextEncoder().encode(JSON.stringify(tombstone))
          await store.putIfAbsent(layout.tombstone(scope, number), bytes)
        }
      }
      return stored
    },
  }))
  for (const content of ['one', 'two', 'three']) await app.commit(content)
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  expect(await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V2' })).toMatchObject({ status: 410 })
  expect(await app.send('GET', `${artifact}/aliases/best`)).toMatchObject({ body: { tag: null } })
})
