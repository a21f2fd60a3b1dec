import { expect, test } from 'vitest'
import { checkStore, createApiKey, createMemoryStore, sweepTeam, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, openApp } from './engine-app.ts'

const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const versions = `${artifact}/versions`
const made = { description: 'made', metadata: { rows: 1, of: 'a' } }

async function openWithVersion(store: ObjectStore = createMemoryStore()) {
  const app = await openApp({ store })
  await app.commit('one', made)
  const update = (change: object, tag = 'V1') => app.send('POST', `${versions}/${tag}/update`, change)
  return { app, store, update }
}

test('a description is changed wherever a version is shown, and its record and digest stay', async () => {
  const { app, store, update } = await openWithVersion()
  const { body: before } = await app.send('GET', `${versions}/V1`)
  const record = await store.get(layout.record(scope, 1))
  const said = { description: 'better', metadata: made.metadata, updatedBy: 'tester' }
  expect(await update({ description: 'better' })).toMatchObject({ status: 200, body: said })
  for (const revision of ['V1', 'latest', String(before['digest'])])
    expect(await app.send('GET', `${versions}/${revision}`)).toMatchObject({
      body: { ...said, digest: before['digest'], createdAt: before['createdAt'] },
    })
  expect(await app.send('GET', versions)).toMatchObject({ body: { items: [said] } })
  expect(await app.send('GET', artifact)).toMatchObject({ body: { latest: said } })
  expect((await app.send('GET', artifact.replace('/dataset/sample', ''))).body).toMatchObject({
    items: [{ latest: said }],
  })
  expect(await app.commit('one')).toMatchObject({ status: 200, body: said })
  expect((await store.get(layout.record(scope, 1)))?.size).toBe(record?.size)
})

test('metadata is replaced as a whole, and what is left out stays', async () => {
  const { update } = await openWithVersion()
  expect((await update({ metadata: { rows: 2 } })).body).toMatchObject({ description: 'made' })
  const { body } = await update({ description: '' })
  expect(body).toMatchObject({ description: '', metadata: { rows: 2 } })
})

test('a conditional request notices an edit, and an edit without a change has no effect', async () => {
  const { app, store, update } = await openWithVersion()
  const etagOf = async () => (await app.send('GET', `${versions}/V1`)).headers.get('etag') ?? ''
  const before = await etagOf()
  await update({ metadata: { of: 'a', rows: 1 } })
  expect(await etagOf()).toBe(before)
  expect((await store.list({ prefix: layout.edits(scope, 1) })).objects).toEqual([])
  await update({ description: 'better' })
  await update({ description: 'better' })
  expect((await store.list({ prefix: layout.edits(scope, 1) })).objects).toHaveLength(1)
  const condition = { 'if-none-match': before }
  expect(await app.send('GET', `${versions}/V1`, undefined, condition)).toMatchObject({ status: 200 })
})

test('the history has every description of a version, the newest first', async () => {
  const { app, update } = await openWithVersion()
  for (let index = 1; index <= 12; index += 1) await update({ description: `${index}` })
  const { body } = await app.send('GET', `${versions}/latest/history`)
  const history = body['history'] as { description: string; updatedBy: string }[] // The protocol says so.
  const numbers = Array.from({ length: 12 }, (_, index) => `${12 - index}`)
  expect(history.map(({ description }) => description)).toEqual([...numbers, 'made'])
  expect(history.at(-1)).toMatchObject({ ...made, updatedBy: 'tester' })
  expect((await app.send('GET', `${versions}/V1`)).body).toMatchObject({ description: '12' })
  for (let index = 13; index <= 105; index += 1) await update({ description: `${index}` })
  expect((await app.send('GET', `${versions}/V1/history`)).body['history']).toHaveLength(100)
})

test('concurrent edits of different fields both take effect', async () => {
  const { app, update } = await openWithVersion()
  const changes = [{ description: 'ours' }, { metadata: { theirs: true } }, { description: 'ours' }]
  await Promise.all(changes.map((change) => update(change)))
  expect((await app.send('GET', `${versions}/V1`)).body).toMatchObject({
    description: 'ours',
    metadata: { theirs: true },
  })
})

test("a page of versions has each one's own description, and costs one more read for each edited version", async () => {
  const inner = createMemoryStore()
  let operations: string[] = []
  const store: ObjectStore = {
    ...inner,
    get: (key, range) => (operations.push(`get ${key}`), inner.get(key, range)),
    head: (key) => (operations.push(`head ${key}`), inner.head(key)),
    list: (options) => (operations.push(`list ${options.prefix}`), inner.list(options)),
  }
  const { app, update } = await openWithVersion(store)
  await app.commit('two', { base: 'V1' })
  await app.commit('three', { base: 'V2' })
  await update({ description: 'second' }, 'V2')
  await app.send('DELETE', `${versions}/V3`)
  operations = []
  const { body } = await app.send('GET', `${versions}?deleted=true`)
  expect(body['items']).toMatchObject([
    { tag: 'V3', deleted: true, description: '' },
    { tag: 'V2', description: 'second', updatedBy: 'tester' },
    { tag: 'V1', description: 'made' },
  ])
  expect(operations.map((operation) => operation.split(' ')[0]).sort()).toEqual([
    'get',
    'get',
    'get',
    'get',
    'list',
  ])
  expect((await app.send('GET', `${versions}?limit=1&cursor=V3`)).body).toMatchObject({
    items: [{ tag: 'V2', description: 'second' }],
  })
})

test('fields that cannot be changed are refused by name', async () => {
  const { app, update } = await openWithVersion()
  expect(await update({})).toMatchObject({ status: 400 })
  expect(await update({ files: 3 })).toMatchObject({ status: 400 })
  expect(await update({ description: 'x'.repeat(4097) })).toMatchObject({ status: 400 })
  expect(await update({ description: 'x' }, 'V2')).toMatchObject({ status: 404 })
  await app.send('DELETE', `${versions}/V1`)
  expect(await update({ description: 'x' })).toMatchObject({ status: 410 })
  await app.send('POST', `${versions}/V1/restore`)
  expect(await update({ description: 'x' })).toMatchObject({ status: 200 })
})

test('a version that is deleted and restored keeps its description', async () => {
  const { app, update } = await openWithVersion()
  await update({ description: 'better' })
  await app.send('DELETE', `${versions}/V1`)
  expect(await app.send('POST', `${versions}/V1/restore`)).toMatchObject({ body: { description: 'better' } })
  await update({ description: 'best' })
  expect(await app.send('GET', versions)).toMatchObject({ body: { items: [{ description: 'best' }] } })
})

test('changing needs the role write, and reading the history read', async () => {
  const store = createMemoryStore()
  await openWithVersion(store)
  const key = async (role: 'read' | 'write') =>
    (await createApiKey(store, { user: role, roles: { t: role } })).key
  const app = await openApp({ store, access: 'keys' })
  const send = async (role: 'read' | 'write', method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${await key(role)}` }
    return (await app.send(method, `${versions}/V1/${path}`, body, headers)).status
  }
  expect(await send('read', 'POST', 'update', { description: 'x' })).toBe(403)
  expect(await send('write', 'POST', 'update', { description: 'x' })).toBe(200)
  expect(await send('read', 'GET', 'history')).toBe(200)
})

test('a check knows edits, and a sweep leaves them and everything else beside a record', async () => {
  const { app, store, update } = await openWithVersion()
  await app.commit('two', { base: 'V1' })
  for (const description of ['a', 'b']) await update({ description })
  expect(await checkStore(store)).toMatchObject({ ok: true, versions: 2, notes: [] })
  const later = `${layout.versions(scope)}9999999998.from-later`
  await store.putIfAbsent(later, new TextEncoder().encode('?'))
  expect(await app.send('GET', versions)).toMatchObject({ body: { items: [{ tag: 'V2' }, { tag: 'V1' }] } })
  await sweepTeam(store, 't')
  expect(await store.head(layout.edit(scope, 1, 2))).toBeDefined()
  await store.delete(layout.edit(scope, 1, 1))
  await store.putIfAbsent(layout.edit(scope, 2, 1), new TextEncoder().encode('{"formatVersion":1}'))
  const { damages } = await checkStore(store)
  expect(damages.map(({ kind, key }) => `${kind} ${key}`).sort()).toEqual([
    `damaged ${layout.edit(scope, 2, 1)}`,
    `missing ${layout.edit(scope, 1, 1)}`,
  ])
})
