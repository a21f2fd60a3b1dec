import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseManifest, sha256, versionDigest } from '@trackway/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, type App } from '../src/index.ts'
import { openDirectoryStore } from '../src/node/index.ts'

const fixture = fileURLToPath(new URL('fixtures/store-v1/store', import.meta.url))
const artifact = '/teams/golden/experiments/flowers/artifacts/dataset/some%2Fsample'
let folder = ''
let app: App

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trackway-golden-'))
  await cp(fixture, folder, { recursive: true })
  app = await createApp({ store: await openDirectoryStore(folder) })
})

afterAll(() => rm(folder, { recursive: true }))

async function get(path: string): Promise<Response> {
  return app.fetch(
    new Request(`http://test/api/v1${path}`, { headers: { authorization: 'Bearer tw_golden' } }),
  )
}

async function json(path: string): Promise<unknown> {
  const response = await get(path)
  expect(response.status).toBe(200)
  return response.json()
}

async function text(path: string): Promise<string> {
  const response = await get(path)
  expect(response.status).toBe(200)
  return response.text()
}

describe('a store of format version 1', () => {
  test('is read as before', async () => {
    expect(await json('')).toMatchObject({ storeId: app.storeId, formatVersion: 1 })
    expect(app.storeId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('knows the API key, and what it may do', async () => {
    expect(await json('/me')).toEqual({ user: 'ada', team: 'golden', roles: { golden: 'read' } })
  })

  test('returns every file of its first version', async () => {
    const files = `${artifact}/versions/V1/files`
    expect(await text(`${files}/README.md`)).toBe('# Sample\n')
    expect(await text(`${files}/train.csv`)).toBe('a,b\n1,2\n')
    expect(await text(`${files}/nested/empty.flag`)).toBe('')
  })

  test('returns every file of its second version', async () => {
    const files = `${artifact}/versions/V2/files`
    expect(await text(`${files}/train.csv`)).toBe('a,b\n1,2\n3,4\n')
    expect(await text(`${files}/nested/empty.flag`)).toBe('')
    expect(await text(`${files}/${encodeURIComponent('ünïcode 名.txt')}`)).toBe('größe')
    expect((await get(`${files}/README.md`)).status).toBe(404)
  })

  test('has records that say what was made of what, by which run', async () => {
    expect(await json(`${artifact}/versions/V1`)).toMatchObject({
      team: 'Golden',
      experiment: 'Flowers',
      name: 'some/sample',
      tag: 'V1',
      base: null,
      fileCount: 3,
      size: 17,
      run: { experiment: 'Flowers', run: 'first-run' },
      description: 'The first state',
      metadata: { rows: 2 },
      aliases: [],
    })
    expect(await json(`${artifact}/versions/latest`)).toMatchObject({
      tag: 'V2',
      base: 'V1',
      description: 'The second state',
      aliases: ['production'],
    })
  })

  test('has manifests whose bytes and versions have the digests that the records name', async () => {
    for (const [tag, digest, manifest] of [
      [
        'V1',
        'sha256:24a75033989f3cb0c648b4ec34b74164a3057112b16faa586f10d9c5c5fc5ed3',
        'sha256:a721d9e6b32518f8417b0ac6c639e273ce396ff1c5ef66922e9d8b66302303d7',
      ],
      [
        'V2',
        'sha256:9c8b74e048a0e9a32b36ac6a272cf3662b309d68d69acfa19760363b670e7d3d',
        'sha256:5350cb49cbb0d01e5ad17d1d34facde91ba3a37cca94261e8cbf321f57aa8a0a',
      ],
    ] as const) {
      const bytes = new Uint8Array(await (await get(`${artifact}/versions/${tag}/manifest`)).arrayBuffer())
      expect(sha256(bytes)).toBe(manifest)
      expect(versionDigest(parseManifest(bytes).entries)).toBe(digest)
      expect(await json(`${artifact}/versions/${digest}`)).toMatchObject({ tag })
    }
  })

  test('keeps a deleted version deleted, and its tag taken', async () => {
    expect((await get(`${artifact}/versions/V3`)).status).toBe(410)
    expect(await json(`${artifact}/versions`)).toMatchObject({ items: [{ tag: 'V2' }, { tag: 'V1' }] })
  })

  test('remembers who moved an alias where', async () => {
    expect(await json(`${artifact}/aliases/production`)).toMatchObject({
      tag: 'V2',
      history: [{ tag: 'V2' }, { tag: 'V1' }],
    })
  })

  test('has runs, their logs and their lineage', async () => {
    const runs = '/teams/golden/experiments/flowers/runs'
    expect(await json(`${runs}/first-run`)).toMatchObject({
      state: 'finished',
      config: { seed: 1 },
      inputs: [],
      outputs: [{ tag: 'V1' }],
    })
    expect(await json(`${runs}/second-run`)).toMatchObject({
      state: 'running',
      inputs: [{ tag: 'V1' }],
      outputs: [{ tag: 'V2' }, { tag: 'V3' }],
    })
    expect(await json(`${runs}/first-run/log`)).toMatchObject({
      points: [
        { step: 0, key: 'loss', value: 0.5 },
        { step: 1, key: 'loss', value: 'NaN' },
      ],
    })
    expect(await json(`${artifact}/versions/V1/lineage`)).toEqual({
      producedBy: { experiment: 'Flowers', run: 'first-run' },
      usedBy: [{ experiment: 'Flowers', run: 'second-run' }],
    })
  })

  test('lists names as they were written', async () => {
    expect(await json('/teams/golden/experiments')).toEqual({ items: [{ experiment: 'Flowers' }] })
    expect(await json('/teams/golden/experiments/flowers/artifacts')).toMatchObject({
      items: [{ type: 'dataset', name: 'some/sample', latest: { tag: 'V2' }, aliases: { production: 'V2' } }],
    })
  })
})
