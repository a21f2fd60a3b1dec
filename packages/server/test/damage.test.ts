import { sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { checkStore, createMemoryStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, bytesOf, manifestOf, openApp, type EngineApp } from './engine-app.ts'

const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const version = `${artifact}/versions/V1`
const blob = sha256(new TextEncoder().encode('one'))

async function openWithVersion(): Promise<EngineApp> {
  const app = await openApp({ store: createMemoryStore() })
  await app.commit('one')
  return app
}

/** The error of each way of reading the version. */
async function failures(app: EngineApp): Promise<Record<string, unknown>> {
  const paths = { file: `${version}/files/file`, tar: `${version}.tar`, manifest: `${version}/manifest` }
  const answers = Object.entries(paths).map(async ([name, path]) => {
    const { status, body } = await app.send('GET', path)
    return [name, status === 200 ? 200 : `${status} ${String(body['code'])}: ${String(body['detail'])}`]
  })
  return Object.fromEntries(await Promise.all(answers))
}

test('a blob that the store lost is damage: the error names the version and the check, and an upload restores it', async () => {
  const app = await openWithVersion()
  await app.store.delete(layout.blob('t', blob))
  const damage = expect.stringMatching(
    new RegExp(
      `^500 integrity_error: dataset/sample:V1 in experiment e is damaged: .*${blob}.*trackway-server check`,
    ),
  )
  expect(await failures(app)).toEqual({ file: damage, tar: damage, manifest: 200 })
  expect(await app.send('GET', `${version}/files/file`, undefined, { range: 'bytes=1-1' })).toMatchObject({
    status: 500,
    body: { code: 'integrity_error', blob, tag: 'V1', artifact: 'dataset/sample' },
  })
  const unknown = await app.send('GET', `/teams/t/blobs/${blob}`)
  expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found', blob } })
  expect(unknown.body['detail']).toContain('trackway-server check')
  await checkStore(app.store)
  expect(await app.send('GET', `/teams/t/blobs/${blob}`)).toMatchObject({
    status: 500,
    body: { code: 'integrity_error' },
  })
  expect(await app.commit('one')).toMatchObject({ status: 200, body: { tag: 'V1' } })
  expect(await failures(app)).toEqual({ file: 200, tar: 200, manifest: 200 })
  expect(await app.send('GET', `/teams/t/blobs/${blob}`)).toMatchObject({ status: 200 })
  expect(await app.send('GET', `/teams/t/blobs/${sha256(new Uint8Array(3))}`)).toMatchObject({ status: 404 })
})

test('a lost blob of a file in several blobs is found before the first byte is sent', async () => {
  const app = await openApp()
  const contents = ['one', 'two', 'three'].map((text) => new TextEncoder().encode(text))
  await app.putBlobs(...contents)
  const whole = new TextEncoder().encode('onetwothree')
  const blobs = contents.map((bytes) => ({ digest: sha256(bytes), size: bytes.length }))
  const parts = contents.map((bytes, index): [number, number, number] => [index, 0, bytes.length])
  const [entry] = manifestOf('x').entries
  const manifest = {
    header: { ...manifestOf('x').header, bytes: whole.length },
    blobs,
    entries: entry === undefined ? [] : [{ ...entry, size: whole.length, digest: sha256(whole), parts }],
  }
  const { reservation } = (await app.putManifest(manifest)).body
  const request = { manifest: sha256(bytesOf(manifest)), reservation, commitId: crypto.randomUUID() }
  expect(await app.send('POST', `${artifact}/versions`, request)).toMatchObject({ status: 201 })
  expect(await failures(app)).toEqual({ file: 200, tar: 200, manifest: 200 })
  await app.store.delete(layout.blob('t', sha256(new TextEncoder().encode('three'))))
  const damage = expect.stringContaining('500 integrity_error')
  expect(await failures(app)).toEqual({ file: damage, tar: damage, manifest: 200 })
  const range = (bytes: string) => app.send('GET', `${version}/files/file`, undefined, { range: bytes })
  expect(await range('bytes=1-4')).toMatchObject({ status: 206 })
  expect(await range('bytes=5-7')).toMatchObject({ status: 500 })
})

test('a manifest that the store lost is damage of the version', async () => {
  const app = await openWithVersion()
  await app.store.delete(layout.manifest('t', sha256(bytesOf(manifestOf('one')))))
  // Another server, which remembers nothing.
  const restarted = await openApp({ store: app.store })
  const damage = expect.stringMatching(
    /^500 integrity_error: dataset\/sample:V1 in experiment e is damaged: The manifest sha256:.*trackway-server check/,
  )
  expect(await failures(restarted)).toEqual({ file: damage, tar: damage, manifest: damage })
  expect(await restarted.commit('one')).toMatchObject({ status: 200 })
  expect(await failures(restarted)).toEqual({ file: 200, tar: 200, manifest: 200 })
})

test('a version that is made while its tag is looked up is not mistaken for a lost one', async () => {
  const store = createMemoryStore()
  const key = layout.record(scope, 1)
  let isAbout = true
  const app = await openApp({
    store: {
      ...store,
      async get(wanted, range) {
        const found = await store.get(wanted, range)
        if (wanted === key && found === undefined && isAbout) {
          isAbout = false
          await app.commit('one')
        }
        return found
      },
    },
  })
  expect(await app.send('GET', version)).toMatchObject({ status: 200, body: { tag: 'V1' } })
})

test('a record that the store lost is damage, and a tag that never existed is not', async () => {
  const app = await openWithVersion()
  await app.commit('two', { base: 'V1' })
  await app.send('PUT', `${artifact}/aliases/best`, { tag: 'V1' })
  await app.store.delete(layout.record(scope, 1))
  for (const revision of ['V1', 'best']) {
    const { status, body } = await app.send('GET', `${artifact}/versions/${revision}`)
    expect({ status, code: body['code'] }).toEqual({ status: 500, code: 'integrity_error' })
    expect(body['detail']).toContain('trackway-server check')
  }
  expect(await app.send('DELETE', version)).toMatchObject({ status: 500 })
  expect(await app.send('GET', `${artifact}/versions/V3`)).toMatchObject({ status: 404 })
  expect(await app.send('GET', `${artifact}/versions/latest`)).toMatchObject({ body: { tag: 'V2' } })
})

test('the error for a missing artifact names a bounded number of experiments of the team that have it', async () => {
  const inner = createMemoryStore()
  let lists = 0
  const app = await openApp({ store: { ...inner, list: (options) => ((lists += 1), inner.list(options)) } })
  const commitIn = async (experiment: string) => {
    const path = artifact.replace('/e/', `/${experiment}/`)
    await app.send('POST', `${path}/versions`, await app.reserve(experiment))
  }
  await commitIn('Flowers')
  const ask = async () => (await app.send('GET', `${artifact}/versions/latest`)).body
  expect(await ask()).toMatchObject({ code: 'not_found', experiments: ['Flowers'] })
  expect((await ask())['detail']).toContain('experiment Flowers has it')
  await commitIn('trees')
  expect((await ask())['detail']).toContain('experiments Flowers and trees have it')
  expect((await app.send('GET', artifact)).body).toMatchObject({ experiments: ['Flowers', 'trees'] })
  for (let index = 0; index < 150; index += 1)
    await app.send('POST', `/teams/t/experiments/e${index}/runs`, { run: 'r', commitId: crypto.randomUUID() })
  lists = 0
  await ask()
  expect(lists).toBeLessThan(110)
  const other = await app.send('GET', '/teams/other/experiments/e/artifacts/dataset/sample')
  expect(other.body).toMatchObject({ code: 'not_found', experiments: [] })
})
