import {
  createManifest,
  encodeManifest,
  concatenateBytes,
  ndjsonMediaType,
  routePath,
  sha256,
  type RouteName,
} from '@trackway/protocol'
import { Artifact, login, type Session } from '@trackway/sdk'
import { createApiKey, createApp, createMemoryStore, type ObjectStore } from '@trackway/server'
import { createRandom } from '@trackway/simulation'
import { objectsOf, storeOf, type Objects } from '../../stores/copy-store.ts'

export const experiment = 'demo'
export const sample = { team: 'team', experiment, type: 'dataset', name: 'sample' }
const random = createRandom(3)
const chunks = [random.bytes(160), random.bytes(140)]
const packed = {
  'a.txt': new TextEncoder().encode('The first file.\n'),
  'folder/b.json': new TextEncoder().encode('{"numbers":[1,2,3]}\n'),
  'folder/c.bin': random.bytes(90),
}

/** The files of the version that is read: three in a bundle, and one in chunks. */
export const files: Readonly<Record<string, Uint8Array>> = {
  ...packed,
  'large.bin': concatenateBytes(chunks),
}

/** A store with something of each kind that a store holds. */
export interface SmallStore {
  objects: Objects
  apiKey: string
}

export async function fillSmallStore(): Promise<SmallStore> {
  const store = createMemoryStore()
  const { key: apiKey } = await createApiKey(store, { user: 'ada', name: 'laptop', roles: { team: 'admin' } })
  const session = await openSession(store, apiKey)
  const run = await session.init({ experiment, run: 'first', config: { rate: 0.5 }, quiet: true })
  await storeInChunks(store, apiKey)
  for (const text of ['second', 'third', 'fourth']) {
    const artifact = new Artifact('sample', 'dataset', { description: `The ${text} version` })
    await artifact.add(new TextEncoder().encode(text), { name: 'a.txt' })
    await session.uploadArtifact(artifact)
  }
  await session.setAlias('sample', 'dataset', 'best', 'V1')
  await session.setAlias('sample', 'dataset', 'best', 'V2')
  await session.updateVersion('sample', 'dataset', 'V2', {
    description: 'Better words',
    metadata: { rows: 3 },
  })
  await session.deleteVersion('sample', 'dataset', 'V3')
  await session.deleteVersion('sample', 'dataset', 'V4')
  await session.restoreVersion('sample', 'dataset', 'V4')
  await session.getArtifact('sample', 'dataset', 'V2')
  for (let step = 0; step < 3; step += 1) await run.log({ loss: 1 / (step + 1) }, { step })
  await run.finish()
  return { objects: await objectsOf(store), apiKey }
}

/** The same store, with other bytes under one key. */
export function storeWith({ objects }: SmallStore, key: string, bytes: Uint8Array): Promise<ObjectStore> {
  return storeOf(new Map(objects).set(key, bytes))
}

export async function openSession(store: ObjectStore, apiKey: string): Promise<Session> {
  const app = await createApp({ store })
  const fetch = async (request: Request) => app.fetch(request)
  const retry = { budgetMs: 1000, firstDelayMs: 1, maxDelayMs: 2 }
  return login({ host: 'http://test', apiKey, team: 'team', experiment, fetch, retry, quiet: true })
}

/** A version whose large file is in chunks far smaller than those that the SDK makes. */
async function storeInChunks(store: ObjectStore, apiKey: string): Promise<void> {
  const app = await createApp({ store })
  const bundle = concatenateBytes(Object.values(packed))
  const blobs = [bundle, ...chunks].map((bytes) => ({ bytes, digest: sha256(bytes), size: bytes.length }))
  let offset = 0
  const entries = Object.entries(files).map(([path, bytes]) => {
    const { length: size } = bytes
    const part: [number, number, number] = [0, offset, size]
    offset += size
    const inChunks = chunks.map(({ length }, index): [number, number, number] => [index + 1, 0, length])
    return { path, size, digest: sha256(bytes), parts: path in packed ? [part] : inChunks }
  })
  const manifest = concatenateBytes([
    ...encodeManifest(
      createManifest(
        blobs.map(({ digest, size }) => ({ digest, size })),
        entries,
      ),
    ),
  ])
  const form = new FormData()
  for (const { digest, bytes } of blobs) form.append(digest, new Blob([bytes.slice()]), 'blob')
  const send = async (route: RouteName, parameters: Record<string, string>, init: RequestInit) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${apiKey}`)
    const url = `http://test${routePath(route, parameters)}`
    const response = await app.fetch(new Request(url, { ...init, headers }))
    if (!response.ok) throw new Error(`${route}: ${await response.text()}`)
    return response.json()
  }
  await send('putBlobs', sample, { method: 'POST', body: form })
  const digest = sha256(manifest)
  const { reservation } = await send(
    'putManifest',
    { ...sample, digest },
    {
      method: 'PUT',
      body: manifest.slice(),
      headers: { 'content-type': ndjsonMediaType },
    },
  )
  const commitId = random.uuid()
  await send('createVersion', sample, {
    method: 'POST',
    body: JSON.stringify({ manifest: digest, reservation, commitId }),
    headers: { 'content-type': 'application/json' },
  })
}
