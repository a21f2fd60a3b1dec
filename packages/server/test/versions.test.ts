import { sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createMemoryStore, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, bytesOf, manifestOf, openApp } from './engine-app.ts'

const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const versions = `${artifact}/versions`

/** A store whose first put of such a key has its effect and then fails, as when a reply is lost. */
function losingReply(key: string): ObjectStore {
  const store = createMemoryStore()
  let lost = false
  return {
    ...store,
    async putIfAbsent(name, body) {
      const created = await store.putIfAbsent(name, body)
      if (name !== key || lost) return created
      lost = true
      throw new Error('the reply was lost')
    },
  }
}

async function deleteByHand(store: ObjectStore, number: number): Promise<void> {
  const document = { formatVersion: 1, deletedAt: new Date().toISOString(), deletedBy: 'tester' }
  await store.putIfAbsent(layout.tombstone(scope, number), new TextEncoder().encode(JSON.stringify(document)))
}

test('tags count from V1', async () => {
  const app = await openApp()
  for (const [content, tag] of Object.entries({ one: 'V1', two: 'V2', three: 'V3' })) {
    expect(await app.commit(content)).toMatchObject({ status: 201, body: { tag } })
  }
})

test('thirty-two concurrent writers get thirty-two consecutive tags', async () => {
  const app = await openApp()
  const answers = await Promise.all(Array.from({ length: 32 }, (_, index) => app.commit(`content ${index}`)))
  const numbers = answers.map(({ body }) => Number(String(body['tag']).slice(1))).sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: 32 }, (_, index) => index + 1))
})

test('the same commit twice is the same version, even if its reservation is gone', async () => {
  const app = await openApp()
  const request = await app.reserve('one')
  expect(await app.send('POST', versions, request)).toMatchObject({ status: 201, body: { tag: 'V1' } })
  expect(await app.send('POST', versions, request)).toMatchObject({ status: 200, body: { tag: 'V1' } })
  await app.commit('two')
  expect(await app.send('POST', versions, request)).toMatchObject({ status: 200, body: { tag: 'V1' } })
})

test('the same commit twice at the same time is one version, however long one of them is delayed', async () => {
  const memory = createMemoryStore()
  const [reached, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let heldUp = ''
  const store: ObjectStore = {
    ...memory,
    async get(key, range) {
      if (key === heldUp) {
        reached.resolve()
        await held.promise
      }
      return memory.get(key, range)
    },
  }
  const app = await openApp({ store })
  const [late, soon] = [await app.reserve('one'), await app.reserve('one')]
  heldUp = layout.reservation('t', late.reservation)
  const second = app.send('POST', versions, { ...late, commitId: soon.commitId })
  await reached.promise
  expect(await app.send('POST', versions, soon)).toMatchObject({ status: 201, body: { tag: 'V1' } })
  held.resolve()
  expect(await second).toMatchObject({ status: 200, body: { tag: 'V1' } })
  expect((await app.send('GET', versions)).body).toMatchObject({ items: [{ tag: 'V1' }] })
})

test('a version has its origin, and one that was pushed and deleted is not made again', async () => {
  const app = await openApp()
  const origin = {
    storeId: crypto.randomUUID(),
    ...scope,
    tag: 'V9',
    createdAt: '2026-11-20T22:41:07.310Z',
    createdBy: 'ada',
    run: { experiment: 'e', run: 'night' },
  }
  const request = { ...(await app.reserve('one')), origin }
  expect(await app.send('POST', versions, request)).toMatchObject({
    status: 201,
    body: { origin, run: null },
  })
  await app.commit('two')
  await app.send('DELETE', `${versions}/V1`)
  const { status, body } = await app.send('POST', versions, request)
  expect({ status, code: body['code'], tag: body['tag'] }).toEqual({
    status: 410,
    code: 'version_deleted',
    tag: 'V1',
  })
  expect((await app.send('GET', versions)).body['items']).toMatchObject([{ tag: 'V2' }])
  expect((await app.send('GET', `${versions}?deleted=true`)).body['items']).toMatchObject([
    { tag: 'V2' },
    { tag: 'V1', origin, deleted: true },
  ])
  const misspelt = { ...(await app.reserve('three')), origin: { ...origin, storeId: 'mine' } }
  expect(await app.send('POST', versions, misspelt)).toMatchObject({ status: 400 })
})

test('a lost reply makes no second version, and no gap in the lineage', async () => {
  const app = await openApp({ store: losingReply(layout.record(scope, 1)) })
  await app.send('POST', '/teams/t/experiments/e/runs', { run: 'r', commitId: crypto.randomUUID() })
  const request = { ...(await app.reserve('one')), run: { experiment: 'e', run: 'r' } }
  expect((await app.send('POST', versions, request)).status).toBe(500)
  expect(await app.send('POST', versions, request)).toMatchObject({ status: 200, body: { tag: 'V1' } })
  expect(await app.send('GET', '/teams/t/experiments/e/runs/r')).toMatchObject({
    body: { outputs: [{ tag: 'V1' }] },
  })
  expect((await app.send('GET', versions)).body['items']).toHaveLength(1)
})

test('a late writer takes the next tag, or fails, as requested', async () => {
  const app = await openApp()
  await app.commit('one')
  await app.commit('two', { base: 'V1' })
  expect(await app.commit('three', { base: 'V1', onConflict: 'fail' })).toMatchObject({
    status: 409,
    body: { code: 'tag_conflict', tag: 'V2', current: 'V2' },
  })
  expect(await app.commit('three', { base: 'V1' })).toMatchObject({
    status: 201,
    body: { tag: 'V3', base: 'V1' },
  })
  expect(await app.commit('four', { base: 'V9' })).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test('a requested tag must be the next one', async () => {
  const app = await openApp()
  await app.commit('one')
  expect(await app.commit('two', { tag: 'V1' })).toMatchObject({
    status: 409,
    body: { code: 'tag_conflict' },
  })
  expect(await app.commit('two', { tag: 'V3' })).toMatchObject({
    status: 409,
    body: { code: 'tag_out_of_order', next: 'V2' },
  })
  expect(await app.commit('two', { tag: 'V2' })).toMatchObject({ status: 201, body: { tag: 'V2' } })
})

test('PUT of a tag makes it once', async () => {
  const app = await openApp()
  const request = await app.reserve('one')
  const put = (body: object, headers?: Record<string, string>) =>
    app.send('PUT', `${versions}/V1`, body, headers)
  expect(await put(request)).toMatchObject({ status: 400 })
  expect(await put(request, { 'if-none-match': '*' })).toMatchObject({ status: 201, body: { tag: 'V1' } })
  expect(await put(request, { 'if-none-match': '*' })).toMatchObject({ status: 200, body: { tag: 'V1' } })
  expect(await put(await app.reserve('two'), { 'if-none-match': '*' })).toMatchObject({
    status: 412,
    body: { code: 'precondition_failed' },
  })
})

test('a version needs its blobs, with the sizes that the manifest gives them', async () => {
  const app = await openApp()
  const manifest = manifestOf('not sent')
  const { body } = await app.putManifest(manifest)
  expect(body['missing']).toEqual([sha256(new TextEncoder().encode('not sent'))])
  const request = {
    manifest: sha256(bytesOf(manifest)),
    reservation: body['reservation'],
    commitId: crypto.randomUUID(),
  }
  expect(await app.send('POST', versions, request)).toMatchObject({
    status: 409,
    body: { code: 'blobs_missing', count: 1 },
  })
  await app.putBlobs(new TextEncoder().encode('not sent'))
  expect(await app.send('POST', versions, request)).toMatchObject({ status: 201 })

  const [blob] = manifest.blobs
  const lying = { ...manifest, blobs: blob ? [{ ...blob, size: 99 }] : [] }
  expect(await app.putManifest(lying)).toMatchObject({ status: 422, body: { rule: 'blob-stored-size' } })
})

test('a reservation holds for a day, for its own manifest', async () => {
  let now = Date.now()
  const app = await openApp({ store: createMemoryStore({ now: () => now }) })
  const one = await app.reserve('one')
  const two = await app.reserve('two')
  const expired = { status: 409, body: { code: 'reservation_expired' } }
  expect(await app.send('POST', versions, { ...one, reservation: two.reservation })).toMatchObject(expired)
  expect(await app.send('POST', versions, { ...one, reservation: crypto.randomUUID() })).toMatchObject(
    expired,
  )
  now += 24 * 60 * 60 * 1000 + 1
  expect(await app.send('POST', versions, one)).toMatchObject(expired)
})

test('a deleted version stays deleted, and its tag taken', async () => {
  const app = await openApp()
  await app.commit('one')
  const { body } = await app.commit('two')
  await deleteByHand(app.store, 2)
  expect(await app.send('GET', `${versions}/V2`)).toMatchObject({
    status: 410,
    body: { code: 'version_deleted' },
  })
  expect(await app.send('GET', `${versions}/latest`)).toMatchObject({ body: { tag: 'V1' } })
  expect(await app.send('GET', `${versions}/${String(body['digest'])}`)).toMatchObject({ status: 404 })
  expect(await app.send('GET', versions)).toMatchObject({ body: { items: [{ tag: 'V1' }] } })
  expect(await app.commit('three', { base: 'V1', onConflict: 'fail' })).toMatchObject({
    status: 201,
    body: { tag: 'V3' },
  })
})

test('a digest finds its version, even if its hint was lost', async () => {
  const app = await openApp()
  const { body } = await app.commit('one')
  await app.commit('two')
  const prefix = String(body['digest']).slice(0, 'sha256:'.length + 12)
  expect(await app.send('GET', `${versions}/${prefix}`)).toMatchObject({ body: { tag: 'V1' } })
  for (const { key } of (await app.store.list({ prefix: layout.digestHints(scope, '') })).objects)
    await app.store.delete(key)
  expect(await app.send('GET', `${versions}/${prefix}`)).toMatchObject({ body: { tag: 'V1' } })
  expect(await app.send('GET', `${versions}/sha256:000000000000`)).toMatchObject({ status: 404 })
})

test('names are compared without case, and kept as they were written', async () => {
  const app = await openApp()
  const request = await app.reserve('one')
  const path = '/teams/T/experiments/E/artifacts/Dataset/Some%2FSample'
  await app.send('POST', `${path}/versions`, request)
  expect(await app.send('GET', `${path.toLowerCase().replace('%2f', '%2F')}/versions/v1`)).toMatchObject({
    status: 200,
    body: { team: 'T', experiment: 'E', type: 'Dataset', name: 'Some/Sample' },
  })
})

test('an alias moves only from the expected version, and keeps its history', async () => {
  const app = await openApp()
  await app.commit('one')
  await app.commit('two')
  const alias = `${artifact}/aliases/production`
  expect(await app.send('PUT', alias, { tag: 'V1', expected: null })).toMatchObject({ status: 200 })
  expect(await app.send('PUT', alias, { tag: 'V2', expected: null })).toMatchObject({
    status: 409,
    body: { code: 'alias_moved', current: 'V1' },
  })
  expect(await app.send('PUT', alias, { tag: 'V2', expected: 'V1' })).toMatchObject({ status: 200 })
  expect(await app.send('GET', `${versions}/production`)).toMatchObject({
    body: { tag: 'V2', aliases: ['production'] },
  })
  expect(await app.send('PUT', alias, { tag: null })).toMatchObject({ body: { tag: null } })
  expect(await app.send('GET', alias)).toMatchObject({
    body: { history: [{ tag: null }, { tag: 'V2' }, { tag: 'V1' }] },
  })
  expect((await app.send('GET', `${versions}/production`)).status).toBe(404)
  expect((await app.send('PUT', alias, { tag: 'V9' })).status).toBe(404)
  for (const name of ['V7', 'latest', 'best.tar']) {
    expect(await app.send('PUT', `${artifact}/aliases/${name}`, { tag: 'V1' })).toMatchObject({ status: 400 })
  }
})

test('errors for missing names suggest similar ones', async () => {
  const app = await openApp()
  await app.commit('one')
  await app.send('PUT', `${artifact}/aliases/production`, { tag: 'V1' })
  const near = async (path: string) => (await app.send('GET', path)).body['hint']
  expect(await near(`${versions}/prodution`)).toEqual({ kind: 'nearest', names: ['production'] })
  expect(await near(`${versions.replace('sample', 'smaple')}/latest`)).toMatchObject({
    names: ['dataset/sample'],
  })
  expect(await near(`${versions}/V1/files/flie`)).toMatchObject({ names: ['file'] })
  const { detail, ...absent } = (await app.send('GET', `${versions}/V9`)).body
  expect(detail).toContain('the latest is V1')
  expect(absent).not.toHaveProperty('hint')
})

test('lists continue where the last page ended', async () => {
  const app = await openApp()
  for (let index = 0; index < 5; index += 1) {
    await app.commit(`content ${index}`)
    const request = await app.reserve(`content ${index}`)
    await app.send('POST', `/teams/t/experiments/e${index}/artifacts/model/m${index}/versions`, request)
    await app.send(
      'POST',
      `/teams/t/experiments/e/artifacts/model/m${index}/versions`,
      await app.reserve(`content ${index}`),
    )
    await app.send('POST', '/teams/t/experiments/e/runs', { run: `r${index}`, commitId: crypto.randomUUID() })
  }
  const all = async (path: string) => {
    const items: unknown[] = []
    for (let cursor = ''; ; ) {
      const { body } = await app.send('GET', `${path}limit=2${cursor}`)
      items.push(...(Array.isArray(body['items']) ? body['items'] : []))
      if (typeof body['next'] !== 'string') return items
      cursor = `&cursor=${encodeURIComponent(body['next'])}`
    }
  }
  expect(await all(`${versions}?`)).toMatchObject(['V5', 'V4', 'V3', 'V2', 'V1'].map((tag) => ({ tag })))
  expect(await all('/teams/t/experiments?')).toHaveLength(6)
  expect(await all('/teams/t/experiments/e/artifacts?')).toHaveLength(6)
  expect(await all('/teams/t/experiments/e/artifacts?type=model&')).toMatchObject(
    [0, 1, 2, 3, 4].map((n) => ({ name: `m${n}` })),
  )
  expect(await all('/teams/t/experiments/e/runs?')).toHaveLength(5)
})

test('a repeated commit finds its version, however wrong the clock of its server was', async () => {
  const store = createMemoryStore()
  const clockAndIds = {
    now: () => Date.UTC(2020, 0, 1),
    sleep: () => Promise.resolve(),
    newId: () => crypto.randomUUID(),
  }
  const late = await openApp({ store, clockAndIds })
  const request = await late.reserve('one')
  expect(await late.send('POST', `${artifact}/versions`, request)).toMatchObject({ status: 201 })
  await late.commit('two')
  const app = await openApp({ store })
  expect(await app.send('POST', `${artifact}/versions`, request)).toMatchObject({
    status: 200,
    body: { tag: 'V1' },
  })
})
