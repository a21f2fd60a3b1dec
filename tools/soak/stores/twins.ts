import { routePath, sha256 } from '@trackway/protocol'
import {
  createApiKey,
  createApp,
  createMemoryStore,
  type App,
  type NewApiKey,
  type ClockAndIds,
} from '@trackway/server'
import { createRandom } from '@trackway/simulation'

/** A text that is everywhere where the other team may put one, and in our requests only on purpose. */
export const secretText = 'what only the other team may see'
/** The same for our team. */
export const ourText = 'what we have'

/** Keys, by their role. */
const keys: Record<string, NewApiKey['roles']> = {
  tw_ours: { ours: 'admin' },
  tw_writer: { ours: 'write' },
  tw_reader: { ours: 'read' },
  tw_theirs: { theirs: 'admin' },
}

/** A server with our data, and with or without the other team's. Random data is the same in both. */
export async function openTwin(seed: number, hasOther: boolean): Promise<App> {
  const store = createMemoryStore({ now: () => 0 })
  const random = createRandom(seed)
  const clockAndIds: ClockAndIds = {
    now: () => 0,
    sleep: () => Promise.resolve(),
    newId: () => random.uuid(),
  }
  for (const [key, roles] of Object.entries(keys)) await createApiKey(store, { key, user: 'somebody', roles })
  // The other team's names are drawn from elsewhere, so that ours are the same with it and without.
  const others = createRandom(seed + 1)
  const app = await createApp({ store, clockAndIds: { ...clockAndIds, newId: () => others.uuid() } })
  if (hasOther) await fill(app, 'theirs', 'tw_theirs', secretText)
  const twin = await createApp({ store, clockAndIds })
  await fill(twin, 'ours', 'tw_ours', ourText)
  return twin
}

/** Creates a run with a config and a log, and a version that it made, which all contain the text. */
async function fill(app: App, team: string, key: string, text: string): Promise<void> {
  const content = new TextEncoder().encode(text)
  const digest = sha256(content)
  const send = async (path: string, init: RequestInit) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    const response = await app.fetch(new Request(`http://test${path}`, { ...init, headers }))
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  const json = { 'content-type': 'application/json' }
  const scope = { team, experiment: 'demo', type: 'dataset', name: 'sample' }
  const commitId = '00000000-0000-4000-8000-000000000001'
  await send(routePath('createRun', scope), {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ run: 'train', config: { note: text }, commitId }),
  })
  await send(routePath('putLogSegment', { ...scope, run: 'train', segment: '0000000001-00000001' }), {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ points: [{ step: 0, key: text, value: 1, time: 0 }] }),
  })
  const form = new FormData()
  form.append(digest, new Blob([content.slice()]), 'blob')
  await send(routePath('putBlobs', { team }), { method: 'POST', body: form })
  const manifest = manifestOf(content)
  const { reservation } = await send(routePath('putManifest', { team, digest: sha256(manifest) }), {
    method: 'PUT',
    headers: { 'content-type': 'application/x-ndjson' },
    body: manifest.slice(),
  })
  const version = {
    manifest: sha256(manifest),
    reservation,
    commitId,
    description: text,
    metadata: { note: text },
    run: { experiment: 'demo', run: 'train' },
  }
  await send(routePath('createVersion', scope), {
    method: 'POST',
    headers: json,
    body: JSON.stringify(version),
  })
  await send(routePath('moveAlias', { ...scope, alias: 'best' }), {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ tag: 'V1' }),
  })
}

/** The manifest of one file of these bytes. */
export function manifestOf(content: Uint8Array): Uint8Array {
  const digest = sha256(content)
  const lines = [
    { formatVersion: 1, chunker: 'none', files: 1, bytes: content.length },
    [digest.slice('sha256:'.length), content.length],
    { path: 'file', size: content.length, digest, parts: [[0, 0, content.length]] },
  ]
  return new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** A response without boundaries and request ids, which always differ and reveal nothing about any data. */
export async function describeAnswer(response: Response): Promise<string> {
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1')
  const headers = [...response.headers].filter(([header]) => header !== 'x-request-id')
  return [response.status, JSON.stringify(headers), body.replace(/"requestId":"[^"]+"/, '')].join(' ')
}
