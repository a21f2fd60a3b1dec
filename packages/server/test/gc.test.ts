import { sha256, TrackwayError } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createMemoryStore, sweepTeam, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, bytesOf, manifestOf, openApp } from './engine-app.ts'

const dayMs = 24 * 60 * 60 * 1000
const orphan = new TextEncoder().encode('nobody needs this')

/** A store with a version, and an unused blob, all of this age. */
async function openOld(ageMs = 8 * dayMs) {
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const store = createMemoryStore({ now: () => clock.ms })
  const app = await openApp({ store })
  await app.commit('kept')
  await app.putBlobs(orphan)
  clock.ms += ageMs
  return { app, store, clock }
}

async function hasOrphan(store: ObjectStore): Promise<boolean> {
  return (await store.head(layout.blob('t', sha256(orphan)))) !== undefined
}

async function clearMarkers(store: ObjectStore): Promise<void> {
  const { objects } = await store.list({ prefix: layout.sweepMarkers('t') })
  for (const { key } of objects) await store.delete(key)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return TrackwayError.isInstance(error) ? error.code : String(error)
}

test('a sweep deletes what nothing needs, keeps what a version needs, and leaves no trace', async () => {
  const { app, store } = await openOld()
  expect(await sweepTeam(store, 't')).toEqual({
    versions: 1,
    blobs: 1,
    manifests: 0,
    bytes: orphan.length,
    reservations: 0,
  })
  expect(await hasOrphan(store)).toBe(false)
  expect(await app.send('GET', `${artifact}/versions/V1/files/file`)).toMatchObject({ status: 200 })
  expect((await store.list({ prefix: 't/t/gc/' })).objects).toEqual([])
})

test('objects younger than a week, by the clock of the store, are kept', async () => {
  const { store, clock } = await openOld(7 * dayMs - 1)
  expect(await sweepTeam(store, 't')).toMatchObject({ blobs: 0 })
  clock.ms += 1
  expect(await sweepTeam(store, 't')).toMatchObject({ blobs: 1 })
})

test('a dry run writes nothing', async () => {
  const { store } = await openOld()
  const refuse = () => Promise.reject(new Error('a dry run wrote'))
  const frozen = { ...store, putIfAbsent: refuse, delete: refuse }
  expect(await sweepTeam(frozen, 't', { dryRun: true })).toMatchObject({ blobs: 1, bytes: orphan.length })
})

test('a reservation keeps what it reserved, until it is a week old and a sweep is over', async () => {
  const { app, store, clock } = await openOld()
  await app.putBlobs(new TextEncoder().encode('reserved'))
  await app.putManifest(manifestOf('reserved'))
  clock.ms += 6 * dayMs
  expect(await sweepTeam(store, 't')).toMatchObject({ blobs: 1, reservations: 0 })
  clock.ms += 2 * dayMs
  expect(await sweepTeam(store, 't')).toMatchObject({ blobs: 0, manifests: 0, reservations: 1 })
  expect(await sweepTeam(store, 't')).toMatchObject({ blobs: 1, manifests: 1, reservations: 0 })
})

test.each(['t/t/i/', 't/t/a/', 't/t/b/', 't/t/m/'])(
  'a listing of %s that fails ends a sweep before it deletes',
  async (prefix) => {
    const { store } = await openOld()
    const failing: ObjectStore = {
      ...store,
      list: (options) =>
        options.prefix.startsWith(prefix)
          ? Promise.reject(new TrackwayError('store_unavailable', 'no'))
          : store.list(options),
    }
    expect(await codeOf(sweepTeam(failing, 't'))).toBe('store_unavailable')
    expect(await hasOrphan(store)).toBe(true)
  },
)

test('a team with blobs and no versions is not swept', async () => {
  const { store } = await openOld()
  await store.delete(layout.record({ team: 't', experiment: 'e', type: 'dataset', name: 'sample' }, 1))
  expect(await codeOf(sweepTeam(store, 't'))).toBe('sweep_refused')
  expect(await hasOrphan(store)).toBe(true)
})

test('a version whose manifest cannot be read ends a sweep', async () => {
  const { store } = await openOld()
  const { objects } = await store.list({ prefix: 't/t/m/' })
  for (const { key } of objects) await store.delete(key)
  expect(await codeOf(sweepTeam(store, 't'))).toBe('integrity_error')
  expect(await hasOrphan(store)).toBe(true)
})

test('a sweep that dies leaves its marker, which makes another wait, and resuming clears it', async () => {
  const { app, store } = await openOld()
  const dying: ObjectStore = {
    ...store,
    delete: () => Promise.reject(new TrackwayError('store_unavailable', 'the machine is gone')),
  }
  expect(await codeOf(sweepTeam(dying, 't'))).toBe('store_unavailable')
  expect(await codeOf(sweepTeam(store, 't'))).toBe('sweep_in_progress')
  expect(await hasOrphan(store)).toBe(true)
  expect(await app.commit('more')).toMatchObject({ status: 201 })
  await sweepTeam(store, 't', { resume: true })
  expect(await hasOrphan(store)).toBe(false)
  expect((await store.list({ prefix: 't/t/gc/' })).objects).toEqual([])
})

test('a marker that is a day old is stale, and the next sweep clears it', async () => {
  const { store, clock } = await openOld()
  const dying: ObjectStore = { ...store, delete: () => Promise.reject(new Error('the machine is gone')) }
  await sweepTeam(dying, 't').catch(() => {})
  clock.ms += dayMs
  await sweepTeam(store, 't')
  expect(await hasOrphan(store)).toBe(false)
  expect((await store.list({ prefix: 't/t/gc/' })).objects).toEqual([])
})

test('a sweep whose marker is gone deletes nothing more', async () => {
  const { store } = await openOld()
  let marks = 0
  const losing: ObjectStore = {
    ...store,
    async list(options) {
      // The second mark: meanwhile somebody considered the marker stale.
      if (options.prefix === 't/t/i/' && (marks += 1) === 2) await clearMarkers(store)
      return store.list(options)
    },
  }
  expect(await codeOf(sweepTeam(losing, 't'))).toBe('sweep_refused')
  expect(await hasOrphan(store)).toBe(true)
})

test('a sweep continues if another one deletes a manifest while this one marks', async () => {
  const { app, store, clock } = await openOld()
  await app.putManifest(manifestOf('reserved'))
  clock.ms += 8 * dayMs
  const key = layout.manifest('t', sha256(bytesOf(manifestOf('reserved'))))
  const racing: ObjectStore = {
    ...store,
    async get(asked, range) {
      if (asked === key) await store.delete(key)
      return store.get(asked, range)
    },
  }
  expect(await sweepTeam(racing, 't')).toMatchObject({ versions: 1, reservations: 1 })
})

test('a manifest that was missing in the first mark, and returned before the marker, keeps its blobs', async () => {
  const { app, store, clock } = await openOld()
  // An abandoned reservation, whose manifest an earlier sweep deleted; the blob exists, and is old.
  await app.putBlobs(new TextEncoder().encode('comes back'))
  await app.putManifest(manifestOf('comes back'))
  await store.delete(layout.manifest('t', sha256(bytesOf(manifestOf('comes back')))))
  clock.ms += 8 * dayMs
  let version: Record<string, unknown> | undefined
  const racing: ObjectStore = {
    ...store,
    async putIfAbsent(key, body) {
      if (key.startsWith(layout.sweepMarkers('t'))) version = await app.reserve('comes back')
      return store.putIfAbsent(key, body)
    },
  }
  await sweepTeam(racing, 't')
  expect(await app.send('POST', `${artifact}/versions`, version)).toMatchObject({ status: 201 })
  expect(await app.send('GET', `${artifact}/versions/latest/files/file`)).toMatchObject({ status: 200 })
})
