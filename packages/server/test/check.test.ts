import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '@trackway/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { checkStore, createApiKey, createMemoryStore, sweepTeam, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { openDirectoryStore } from '../src/node/index.ts'
import { artifact, bytesOf, manifestOf, openApp } from './engine-app.ts'

const encoder = new TextEncoder()
const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const blobOf = (content: string) => layout.blob('t', sha256(encoder.encode(content)))

async function openFilled() {
  const store = createMemoryStore()
  const app = await openApp({ store })
  for (const content of ['one', 'two', 'three']) await app.commit(content)
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V2' })
  return { store, app }
}

async function overwrite(store: ObjectStore, key: string, content: string): Promise<void> {
  await store.delete(key)
  await store.putIfAbsent(key, encoder.encode(content))
}

test('a store as the server makes it is whole', async () => {
  const { store } = await openFilled()
  expect(await checkStore(store, { readData: true })).toMatchObject({
    ok: true,
    teams: 1,
    versions: 3,
    blobs: 3,
    readBlobs: 3,
    unusedBlobs: 0,
    damages: [],
    notes: [],
  })
})

test('the store of format version 1 is whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-check-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(fileURLToPath(new URL('fixtures/store-v1/store', import.meta.url)), folder, { recursive: true })
  const report = await checkStore(await openDirectoryStore(folder), { readData: true })
  expect(report).toMatchObject({ ok: true, damages: [], versions: 3 })
})

test('a damaged blob is named with the versions that it affects, moved away, and restored by an upload', async () => {
  const { store, app } = await openFilled()
  await app.commit('one')
  await overwrite(store, blobOf('one'), 'One')
  expect(await checkStore(store)).toMatchObject({ ok: true, readBlobs: 0 })
  const report = await checkStore(store, { readData: true })
  expect(report.ok).toBe(false)
  expect(report.damages).toMatchObject([
    { kind: 'damaged', key: blobOf('one'), versions: ['e/dataset/sample:V1', 'e/dataset/sample:V4'] },
  ])
  const quarantined = await store.head(report.damages[0]?.movedTo ?? '')
  expect(quarantined).toMatchObject({ size: 3 })
  expect(await checkStore(store)).toMatchObject({ damages: [{ kind: 'missing', key: blobOf('one') }] })
  expect(await app.commit('one')).toMatchObject({ status: 200, body: { tag: 'V4' } })
  expect(await checkStore(store, { readData: true })).toMatchObject({ ok: true })
})

test('a blob of another size is noticed without reading the others', async () => {
  const { store } = await openFilled()
  await overwrite(store, blobOf('two'), 'two, and more')
  expect(await checkStore(store)).toMatchObject({
    readBlobs: 1,
    damages: [{ kind: 'damaged', key: blobOf('two'), versions: ['e/dataset/sample:V2'] }],
  })
})

test('all parts together are the whole', async () => {
  const { store } = await openFilled()
  const parts = await Promise.all(
    Array.from({ length: 7 }, (_, index) => checkStore(store, { readData: { part: index + 1, of: 7 } })),
  )
  expect(parts.reduce((sum, { readBlobs }) => sum + readBlobs, 0)).toBe(3)
})

test('an entry whose parts make other bytes is named', async () => {
  const { store, app } = await openFilled()
  const bytes = encoder.encode('the real content')
  const lie = {
    path: 'file',
    size: bytes.length,
    digest: sha256(encoder.encode('a lie')),
    parts: [[0, 0, bytes.length]],
  }
  const lines = [
    { formatVersion: 1, chunker: 'none', files: 1, bytes: bytes.length },
    [sha256(bytes).slice(7), bytes.length],
    lie,
  ]
  const body = encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  await app.putBlobs(bytes)
  const key = layout.manifest('t', sha256(body))
  await store.putIfAbsent(key, body)
  const record = {
    formatVersion: 1,
    ...scope,
    tag: 'V4',
    digest: sha256(encoder.encode(`${lie.digest.slice(7)}  file\n`)),
    manifest: { digest: sha256(body), size: body.length },
    files: 1,
    bytes: bytes.length,
    base: null,
    commitId: crypto.randomUUID(),
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'a',
    run: null,
    description: '',
    metadata: {},
  }
  await overwrite(store, layout.record(scope, 4), JSON.stringify(record))
  expect(await checkStore(store, { readData: true })).toMatchObject({
    damages: [{ kind: 'damaged', key, versions: ['e/dataset/sample:V4'] }],
  })
})

test.each<[string, (store: ObjectStore) => Promise<void>, { kind: string; key: string }]>([
  [
    'a record that is gone',
    (store) => store.delete(layout.record(scope, 2)),
    { kind: 'missing', key: layout.record(scope, 2) },
  ],
  [
    'the newest record that is gone',
    (store) => store.delete(layout.record(scope, 3)),
    { kind: 'missing', key: layout.record(scope, 3) },
  ],
  [
    'a record that is not JSON',
    (store) => overwrite(store, layout.record(scope, 1), '{'),
    { kind: 'damaged', key: layout.record(scope, 1) },
  ],
  [
    'an alias move that is gone',
    (store) => store.delete(layout.aliasMove(scope, 'best', 1)),
    { kind: 'missing', key: layout.aliasMove(scope, 'best', 1) },
  ],
  [
    'an experiment that is gone',
    (store) => store.delete(layout.experiment(scope)),
    { kind: 'missing', key: layout.experiment(scope) },
  ],
  [
    'a format that is damaged',
    (store) => overwrite(store, layout.format, '[]'),
    { kind: 'damaged', key: layout.format },
  ],
])('%s is damage', async (_, damage, expected) => {
  const { store } = await openFilled()
  await damage(store)
  expect((await checkStore(store)).damages).toMatchObject([expected])
})

test('the record of one version under the key of another is damage', async () => {
  const { store } = await openFilled()
  const object = await store.get(layout.record(scope, 1))
  let text = ''
  for await (const piece of object?.body ?? []) text += new TextDecoder().decode(piece)
  await overwrite(store, layout.record(scope, 2), text)
  expect((await checkStore(store)).damages).toMatchObject([{ kind: 'damaged', key: layout.record(scope, 2) }])
})

test('a hint that a crash lost is not damage, and repairing recreates it', async () => {
  const { store, app } = await openFilled()
  const { body } = await app.send('GET', `${artifact}/versions/V1`)
  const { objects } = await store.list({ prefix: layout.digestHints(scope, String(body['digest']).slice(7)) })
  for (const { key } of objects) await store.delete(key)
  expect(await checkStore(store)).toMatchObject({
    ok: true,
    notes: [expect.stringContaining('missing hint')],
  })
  expect(await checkStore(store, { repair: true })).toMatchObject({ ok: true, notes: [], repairedHints: 1 })
  expect(await checkStore(store)).toMatchObject({ ok: true, notes: [], repairedHints: 0 })
})

test.each([
  ['is not a log', '{"step":'],
  ['was emptied', ''],
  ['lost its end', '{"step":0,"key":"loss","value":1,"time":1790000000000}'],
])('a log segment that %s is damage, and reading it says so', async (_, content) => {
  const { store, app } = await openFilled()
  await app.send('POST', '/teams/t/experiments/e/runs', { run: 'r', commitId: crypto.randomUUID() })
  const key = layout.logSegment({ team: 't', experiment: 'e', run: 'r' }, '0000000001-00000001')
  await store.putIfAbsent(key, encoder.encode(content))
  expect(await app.send('GET', '/teams/t/experiments/e/runs/r/log')).toMatchObject({
    status: 500,
    body: { code: 'integrity_error' },
  })
  expect((await checkStore(store)).damages).toMatchObject([{ kind: 'damaged', key }])
})

test("objects that are not Trackway's are left alone and noted", async () => {
  const { store } = await openFilled()
  await store.putIfAbsent('t/t/later/thing.json', encoder.encode('{}'))
  expect(await checkStore(store)).toMatchObject({
    ok: true,
    notes: [expect.stringContaining('t/t/later/thing.json')],
  })
})

test('a missing blob is noted, so that no version is made without it', async () => {
  const { store, app } = await openFilled()
  await store.delete(blobOf('three'))
  expect(await checkStore(store)).toMatchObject({ damages: [{ kind: 'missing', key: blobOf('three') }] })
  const query = '?experiment=e&base=dataset%2Fsample%3AV3'
  expect(await app.putManifest(manifestOf('three'), query)).toMatchObject({
    body: { missing: [sha256(encoder.encode('three'))] },
  })
})

test('a damaged manifest is named and moved away, so that storing it again restores it', async () => {
  const { store, app } = await openFilled()
  const bytes = bytesOf(manifestOf('two'))
  const key = layout.manifest('t', sha256(bytes))
  await overwrite(store, key, 'no manifest')
  const { damages } = await checkStore(store)
  expect(damages).toMatchObject([{ kind: 'damaged', key, versions: ['e/dataset/sample:V2'] }])
  expect(await store.head(damages[0]?.movedTo ?? '')).toBeDefined()
  expect(await app.commit('two')).toMatchObject({ status: 201 })
  expect(await checkStore(store, { readData: true })).toMatchObject({ ok: true })
})

test('a damaged manifest does not fail a client that stores it again, and leaves no reservation', async () => {
  const { store } = await openFilled()
  await overwrite(store, layout.manifest('t', sha256(bytesOf(manifestOf('two')))), 'no manifest')
  const app = await openApp({ store })
  expect(await app.putManifest(manifestOf('two'))).toMatchObject({
    status: 500,
    body: { code: 'integrity_error' },
  })
  expect((await store.list({ prefix: layout.reservations('t') })).objects).toEqual([])
})

test('bytes that an upload has restored meanwhile are not moved away', async () => {
  const { store } = await openFilled()
  await overwrite(store, blobOf('one'), 'One')
  const healing: ObjectStore = {
    ...store,
    async putIfAbsent(key, body) {
      // Somebody else's check and an upload come between this check's look and its deletion.
      if (key.startsWith(layout.sweepMarkers('t'))) await overwrite(store, blobOf('one'), 'one')
      return store.putIfAbsent(key, body)
    },
  }
  await checkStore(healing, { readData: true })
  expect(await checkStore(store, { readData: true })).toMatchObject({ ok: true })
  expect((await store.list({ prefix: 't/t/gc/' })).objects).toEqual([])
})

test('a manifest that gives a blob another size than it has is refused also on a base, and named by a check', async () => {
  const { store, app } = await openFilled()
  const manifest = manifestOf('one')
  const lie = { ...manifest, blobs: manifest.blobs.map((blob) => ({ ...blob, size: 999 })) }
  const query = '?experiment=e&base=dataset%2Fsample%3AV1'
  expect(await app.putManifest(lie, query)).toMatchObject({ status: 422, body: { rule: 'blob-stored-size' } })
  const record = await (await store.get(layout.record(scope, 1)))?.body[Symbol.asyncIterator]().next()
  const bytes = bytesOf(lie)
  await store.putIfAbsent(layout.manifest('t', sha256(bytes)), bytes)
  const honest = JSON.parse(new TextDecoder().decode(record?.value))
  const changed = {
    ...honest,
    tag: 'V4',
    commitId: crypto.randomUUID(),
    manifest: { digest: sha256(bytes), size: bytes.length },
  }
  await overwrite(store, layout.record(scope, 4), JSON.stringify(changed))
  expect((await checkStore(store)).damages).toMatchObject([
    { kind: 'damaged', key: layout.manifest('t', sha256(bytes)), versions: ['e/dataset/sample:V4'] },
  ])
})

test('many wrong entries of one manifest are one damage, with every version that has it', async () => {
  const { store, app } = await openFilled()
  const bytes = encoder.encode('real')
  const entries = Array.from({ length: 30 }, (_, index) => ({
    path: `file-${String(index).padStart(2, '0')}`,
    size: bytes.length,
    digest: sha256(encoder.encode(`a lie ${index}`)),
    parts: [[0, 0, bytes.length]],
  }))
  const header = { formatVersion: 1, chunker: 'none', files: 30, bytes: 30 * bytes.length }
  const lines = [header, [sha256(bytes).slice(7), bytes.length], ...entries]
  const manifest = new Uint8Array(encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
  await app.putBlobs(bytes)
  const headers = { 'content-type': 'application/x-ndjson' }
  const response = await app.sendBytes('PUT', `/teams/t/manifests/${sha256(manifest)}`, {
    body: manifest,
    headers,
  })
  const { reservation } = response.body
  await app.send('POST', `${artifact}/versions`, {
    manifest: sha256(manifest),
    reservation,
    commitId: crypto.randomUUID(),
  })
  const { damages } = await checkStore(store, { readData: true })
  expect(damages).toHaveLength(1)
  expect(damages[0]).toMatchObject({ kind: 'damaged', versions: ['e/dataset/sample:V4'] })
  expect(damages[0]?.problem).toContain('30 entries')
})

test('a damaged alias does not hide the versions, and none of them is deleted', async () => {
  const { store, app } = await openFilled()
  await overwrite(store, layout.aliasMove(scope, 'best', 2), '{')
  expect(await app.send('GET', `${artifact}/versions/V2`)).toMatchObject({ status: 200, body: { tag: 'V2' } })
  expect(await app.send('GET', '/teams/t/experiments/e/artifacts')).toMatchObject({ status: 200 })
  expect(await app.send('GET', `${artifact}/versions/best`)).toMatchObject({ status: 500 })
  expect(await app.send('DELETE', `${artifact}/versions/V2`)).toMatchObject({ status: 500 })
})

test('two records or alias moves that were swapped are not mistaken for each other', async () => {
  const { store, app } = await openFilled()
  await app.send('PUT', `${artifact}/aliases/production`, { tag: 'V3' })
  const exchange = async (one: string, other: string) => {
    const read = async (key: string) => {
      let text = ''
      for await (const piece of (await store.get(key))?.body ?? []) text += new TextDecoder().decode(piece)
      return text
    }
    const [first, second] = [await read(one), await read(other)]
    await overwrite(store, one, second)
    await overwrite(store, other, first)
  }
  await exchange(layout.record(scope, 1), layout.record(scope, 2))
  await exchange(layout.aliasMove(scope, 'best', 1), layout.aliasMove(scope, 'production', 1))
  const codeOf = async (path: string) => (await app.send('GET', `${artifact}${path}`)).body['code']
  expect(await codeOf('/versions/V1')).toBe('integrity_error')
  expect(await codeOf('/versions/V2/files/file')).toBe('integrity_error')
  expect(await codeOf('/aliases/production')).toBe('integrity_error')
  expect(await app.send('GET', `${artifact}/versions/V3`)).toMatchObject({ status: 200 })
  await expect(sweepTeam(store, 't')).rejects.toMatchObject({ code: 'integrity_error' })
})

test('an API key whose document was exchanged for another opens nothing', async () => {
  const store = createMemoryStore()
  await createApiKey(store, { user: 'ada', roles: { t: 'read' }, key: 'tw_reader' })
  const { document } = await createApiKey(store, { user: 'grace', roles: { '*': 'admin' }, key: 'tw_admin' })
  const { objects } = await store.list({ prefix: layout.apiKeys })
  const reader = objects.find(({ key }) => !key.includes(document.id))
  await overwrite(store, reader?.key ?? '', JSON.stringify(document))
  const app = await openApp({ store, access: 'keys' })
  const headers = { authorization: 'Bearer tw_reader' }
  expect(await app.send('GET', '/me', undefined, headers)).toMatchObject({ status: 401 })
})
