import { createManifest, sha256, type Manifest } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkStore, createMemoryStore, sweepTeam, type ObjectStore } from '../src/index.ts'
import { artifact, bytesOf, openApp } from './engine-app.ts'

const dayMs = 24 * 60 * 60 * 1000
const digest = sha256(new TextEncoder().encode('elsewhere'))

/** A manifest of references. */
function manifestOf(...addresses: string[]): Manifest {
  const entries = addresses.map((reference, index) => ({ path: `file-${index}`, size: 9, digest, reference }))
  return createManifest([], entries)
}

/** A version of references only: it has a record and no blobs. */
async function openVersion(addresses = ['https://data.test/a', 's3://bucket/b'], store?: ObjectStore) {
  const fetch = vi.spyOn(globalThis, 'fetch')
  onTestFinished(() => fetch.mockRestore())
  const app = await openApp(store && { store })
  const manifest = manifestOf(...addresses)
  const { body, status } = await app.putManifest(manifest)
  expect({ status, missing: body['missing'] }).toEqual({ status: 200, missing: [] })
  const commit = { manifest: sha256(bytesOf(manifest)), reservation: body['reservation'] }
  const commitId = crypto.randomUUID()
  const answer = await app.send('POST', `${artifact}/versions`, { ...commit, commitId })
  expect(answer).toMatchObject({ status: 201, body: { tag: 'V1', fileCount: addresses.length } })
  return { app, fetch }
}

test.each(['GET', 'HEAD'])('%s of a reference returns its address, and fetches nothing', async (method) => {
  const { app, fetch } = await openVersion()
  const file = await app.send(method, `${artifact}/versions/V1/files/file-0`)
  const archive = await app.send(method, `${artifact}/versions/V1.tar`)
  expect([file.status, archive.status]).toEqual([404, 404])
  if (method === 'GET') {
    expect(file.body).toMatchObject({ code: 'not_found', reference: 'https://data.test/a', path: 'file-0' })
    expect(archive.body).toMatchObject({
      code: 'not_found',
      references: [
        { path: 'file-0', reference: 'https://data.test/a' },
        { path: 'file-1', reference: 's3://bucket/b' },
      ],
    })
  }
  expect(fetch).not.toHaveBeenCalled()
})

test('addresses of all kinds are passed on unchanged, however many there are', async () => {
  const hostile = ['file:///etc/passwd', 'http://169.254.169.254/latest/meta-data/', 'gopher://host/', 'x']
  const many = Array.from({ length: 2000 }, (_, index) => hostile[index % hostile.length] ?? '')
  const sorted = createManifest(
    [],
    many.map((reference, index) => ({ path: `${10_000 + index}`, size: 9, digest, reference })),
  )
  const app = await openApp()
  expect(await app.putManifest(sorted)).toMatchObject({ status: 200, body: { missing: [] } })
  const { fetch } = await openVersion(hostile)
  expect(fetch).not.toHaveBeenCalled()
})

test('a check, a sweep and a retention rule handle versions without blobs', async () => {
  const clock = { ms: 0 }
  const store = createMemoryStore({ now: () => clock.ms })
  const { app } = await openVersion(undefined, store)
  expect(await checkStore(store, { readData: true })).toMatchObject({
    ok: true,
    versions: 1,
    blobs: 0,
    damages: [],
    notes: [],
  })
  clock.ms += 8 * dayMs
  await sweepTeam(store, 't')
  expect(await app.send('HEAD', `${artifact}/versions/V1/manifest`)).toMatchObject({ status: 200 })
  await app.commit('stored')
  const rule = { keepLast: 1 }
  const { body } = await app.send('POST', '/teams/t/experiments/e/retention', rule)
  const manifestBytes = bytesOf(manifestOf('https://data.test/a', 's3://bucket/b')).length
  expect(body).toMatchObject({ versions: [{ tag: 'V1', size: 18 }], freedBytes: manifestBytes })
  clock.ms += 8 * dayMs
  expect(await sweepTeam(store, 't')).toMatchObject({ bytes: manifestBytes })
  expect(await checkStore(store, { readData: true })).toMatchObject({ ok: true, blobs: 1, damages: [] })
})
