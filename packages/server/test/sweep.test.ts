import { sha256, type Digest } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createMemoryStore, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { bytesOf, manifestOf, openApp } from './engine-app.ts'

const bytes = new TextEncoder().encode('content')
const blob = sha256(bytes)
const manifest = manifestOf('content')
const manifestDigest = sha256(bytesOf(manifest))
const short = { waitMs: 30, pollMs: 5 }

/** The sweeper's side, by hand: announces what it is about to delete, and that it is done. */
async function beginSweep(store: ObjectStore, doomed: { blobs?: Digest[]; manifests?: Digest[] }) {
  const list = { formatVersion: 1, blobs: [], manifests: [], ...doomed }
  const marker = { formatVersion: 1, createdAt: new Date().toISOString() }
  await putJson(store, layout.sweepList('t', 'first'), list)
  await putJson(store, layout.sweepMarker('t', 'first'), marker)
}

async function putJson(store: ObjectStore, key: string, value: object): Promise<void> {
  await store.putIfAbsent(key, new TextEncoder().encode(JSON.stringify(value)))
}

/** A store that calls back when its sweep markers are listed for the n-th time. */
function watchMarker(store: ObjectStore, react: (reads: number) => Promise<void>): ObjectStore {
  let reads = 0
  return {
    ...store,
    async list(options) {
      const page = await store.list(options)
      if (options.prefix === layout.sweepMarkers('t')) await react((reads += 1))
      return page
    },
  }
}

test('storing a manifest waits for a sweep that lists its blob, and then reports the blob as missing', async () => {
  const inner = createMemoryStore()
  const store = watchMarker(inner, async (reads) => {
    if (reads !== 4) return
    await inner.delete(layout.blob('t', blob))
    await inner.delete(layout.sweepMarker('t', 'first'))
  })
  const app = await openApp({ store, patience: { waitMs: 5_000, pollMs: 1 } })
  await inner.putIfAbsent(layout.blob('t', blob), bytes)
  await beginSweep(inner, { blobs: [blob] })
  expect(await app.putManifest(manifest)).toMatchObject({ status: 200, body: { missing: [blob] } })
})

test('a writer whose patience ends learns when to retry', async () => {
  const app = await openApp({ patience: short })
  await app.putBlobs(bytes)
  await beginSweep(app.store, { manifests: [manifestDigest] })
  const answer = await app.putManifest(manifest)
  expect(answer).toMatchObject({ status: 503, body: { code: 'sweep_in_progress', retryable: true } })
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a sweep of other blobs delays nobody, one whose list is unknown does', async () => {
  const app = await openApp({ patience: short })
  await app.putBlobs(bytes)
  await beginSweep(app.store, { blobs: [sha256(new Uint8Array([1]))] })
  expect(await app.putManifest(manifest)).toMatchObject({ status: 200, body: { missing: [] } })
  await putJson(app.store, layout.sweepMarker('t', 'second'), {})
  expect(await app.putManifest(manifest)).toMatchObject({ status: 503 })
})

test('a blob that a sweep takes while it is stored is stored again', async () => {
  const inner = createMemoryStore()
  const store = watchMarker(inner, async (reads) => {
    if (reads !== 2) return
    await inner.delete(layout.blob('t', blob))
    await inner.delete(layout.sweepMarker('t', 'first'))
  })
  const app = await openApp({ store, patience: { waitMs: 5_000, pollMs: 1 } })
  await beginSweep(inner, { blobs: [blob] })
  expect(await app.putBlobs(bytes)).toMatchObject({ status: 200 })
  expect(await inner.head(layout.blob('t', blob))).toMatchObject({ size: bytes.length })
})

test('a manifest that a sweep deletes after it was stored must be sent again', async () => {
  const inner = createMemoryStore()
  const store = watchMarker(inner, async (reads) => {
    // The first read belongs to the blob.
    if (reads === 2) await inner.delete(layout.manifest('t', manifestDigest))
  })
  const app = await openApp({ store, patience: short })
  await app.putBlobs(bytes)
  expect(await app.putManifest(manifest)).toMatchObject({ status: 503, body: { code: 'sweep_in_progress' } })
  expect(await app.putManifest(manifest)).toMatchObject({ status: 200, body: { missing: [] } })
})

test('the marker is read again between the checks of the manifest and of its blobs', async () => {
  const inner = createMemoryStore()
  const store = watchMarker(inner, async (reads) => {
    // The sweep begins right after the first read of the marker.
    if (reads === 1) await beginSweep(inner, { blobs: [blob] })
  })
  const app = await openApp({ store, patience: short })
  await inner.putIfAbsent(layout.blob('t', blob), bytes)
  expect(await app.putManifest(manifest)).toMatchObject({ status: 503, body: { code: 'sweep_in_progress' } })
})
