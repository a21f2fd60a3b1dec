import { routePath, routes, sha256, type RouteName } from '@trackway/protocol'
import { createApiKey, createApp, createMemoryStore, type App, type Surroundings } from '@trackway/server'
import { createRandom, type Random } from '@trackway/server/testing'
import type { Campaign } from '../campaign.ts'

const requestsEach = 100
const secret = new TextEncoder().encode('what only the other team may see')
const ours = new TextEncoder().encode('what we have')
const names = Object.keys(routes) as RouteName[] // The keys of the table are its names.

/**
 * One server where another team has data, and one where it has none: whatever is asked with our key, both answer the
 * same. So nothing of the other team can be read, and not even whether it exists.
 */
export const isolation: Campaign = {
  name: 'isolation',
  title: `${requestsEach} random requests a round with one team's key: answers are those of a server without the other team`,
  unit: 'rounds',
  quick: 20,
  full: 2000,
  async run(seed) {
    const random = createRandom(seed)
    const [alone, beside] = await Promise.all([openTwin(seed, false), openTwin(seed, true)])
    let answered = 0
    for (let count = 0; count < requestsEach; count += 1) {
      const make = drawRequest(random)
      const answers = await Promise.all([alone, beside].map(async (app) => describe(await app.fetch(make()))))
      const [expected, actual] = answers
      if (expected !== actual)
        throw new Error(`${make().method} ${make().url}\nalone:  ${expected}\nbeside: ${actual}`)
      await checkBytes(make(), beside)
      if (actual?.startsWith('2')) answered += 1
    }
    return { requests: requestsEach, 'answered with success': answered }
  },
}

/** A server with our data, and with the other team's or not. What is drawn by chance is the same in both. */
async function openTwin(seed: number, hasOther: boolean): Promise<App> {
  const store = createMemoryStore({ now: () => 0 })
  const random = createRandom(seed)
  const surroundings: Surroundings = {
    now: () => 0,
    sleep: () => Promise.resolve(),
    newId: () => random.uuid(),
  }
  for (const key of ['tw_ours', 'tw_theirs', 'tw_reader'])
    await createApiKey(store, {
      key,
      user: 'somebody',
      roles: { [key === 'tw_theirs' ? 'theirs' : 'ours']: key === 'tw_reader' ? 'read' : 'admin' },
    })
  // The other team's names are drawn from elsewhere, so that ours are the same with it and without.
  const others = createRandom(seed + 1)
  const app = await createApp({ store, surroundings: { ...surroundings, newId: () => others.uuid() } })
  if (hasOther) await fill(app, 'theirs', 'tw_theirs', secret)
  const twin = await createApp({ store, surroundings })
  await fill(twin, 'ours', 'tw_ours', ours)
  return twin
}

async function fill(app: App, team: string, key: string, content: Uint8Array): Promise<void> {
  const digest = sha256(content)
  const send = async (path: string, init: RequestInit) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    const response = await app.fetch(new Request(`http://test${path}`, { ...init, headers }))
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  const json = { 'content-type': 'application/json' }
  const place = { team, experiment: 'demo', type: 'dataset', name: 'sample' }
  const commitId = '00000000-0000-4000-8000-000000000001'
  await send(routePath('createRun', place), {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ run: 'train', commitId }),
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
    run: { experiment: 'demo', run: 'train' },
  }
  await send(routePath('createVersion', place), {
    method: 'POST',
    headers: json,
    body: JSON.stringify(version),
  })
  await send(routePath('moveAlias', { ...place, alias: 'best' }), {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ tag: 'V1' }),
  })
}

function manifestOf(content: Uint8Array): Uint8Array {
  const digest = sha256(content)
  const lines = [
    { formatVersion: 1, chunker: 'none', files: 1, bytes: content.length },
    [digest.slice('sha256:'.length), content.length],
    { path: 'file', size: content.length, digest, parts: [[0, 0, content.length]] },
  ]
  return new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** A request, made anew each time it is asked for, since a body can be read only once. */
function drawRequest(random: Random): () => Request {
  const name = random.pick(names)
  const { method } = routes[name]
  const url = drawUrl(name, random)
  const headers: Record<string, string> = {}
  const key = random.pick(['tw_ours', 'tw_ours', 'tw_ours', 'tw_reader', 'tw_nobody'])
  if (random.chance(0.97)) headers['authorization'] = `Bearer ${key}`
  if (random.chance(0.1)) headers['range'] = `bytes=${random.below(20)}-${random.below(40)}`
  if (random.chance(0.05))
    headers['if-none-match'] = random.pick(['*', '"x"', `"${sha256(secret).slice(7)}"`])
  const body = method === 'GET' ? undefined : drawBody(name, random)
  return () => {
    const made = body?.()
    return new Request(url, {
      method: method === 'GET' && headers['range'] === undefined && url.length % 7 === 0 ? 'HEAD' : method,
      headers: { ...headers, ...made?.headers },
      ...(made && { body: made.body }),
    })
  }
}

const teams = [
  'ours',
  'ours',
  'ours',
  'theirs',
  'theirs',
  'THEIRS',
  'nobody',
  'ours%2F..%2Ftheirs',
  '..%2Ftheirs',
  'theirs%00',
  '%2e%2e',
  '*',
]
const digests = [sha256(secret), sha256(ours), sha256(manifestOf(secret)), sha256(manifestOf(ours))]
const revisions = ['V1', 'V2', 'latest', 'best', sha256(secret), `sha256:${sha256(ours).slice(7, 19)}`]

function drawUrl(name: RouteName, random: Random): string {
  const parameters: Record<string, string> = {
    team: random.pick(teams),
    experiment: random.pick(['demo', 'demo', 'theirs', 'other', '..%2F..%2Ftheirs%2Fa%2Fdemo']),
    run: random.pick(['train', 'train', 'other']),
    type: random.pick(['dataset', 'dataset', 'model']),
    name: random.pick(['sample', 'sample', 'other', '..%2F..%2F..%2Ftheirs']),
    alias: random.pick(['best', 'other']),
    tag: random.pick(['V1', 'V2', 'V3']),
    revision: encodeURIComponent(random.pick(revisions)),
    digest: encodeURIComponent(random.pick(digests)),
    path: random.pick(['file', '..%2Ffile', 'other']),
    segment: '0000000001-00000001',
  }
  const path = routes[name].path.replace(/\{(\w+)\}/g, (_, parameter: string) => parameters[parameter] ?? '')
  const query = random.chance(0.1)
    ? `?cursor=${random.pick(['V2', 'theirs', 'dataset/sample', '../theirs'])}`
    : ''
  return `http://test/api/v1${path}${query}`
}

type Made = { body: BodyInit; headers: Record<string, string> }

function drawBody(name: RouteName, random: Random): () => Made {
  const content = random.pick([secret, ours])
  if (name === 'putBlobs') {
    // Also bytes that are not what their name says.
    const claimed = random.pick(digests)
    return () => {
      const form = new FormData()
      form.append(claimed, new Blob([content.slice()]), 'blob')
      return { body: form, headers: {} }
    }
  }
  if (name === 'putManifest') {
    const body = manifestOf(content).slice()
    return () => ({ body, headers: { 'content-type': 'application/x-ndjson' } })
  }
  const commitId = random.uuid()
  const bodies: Partial<Record<RouteName, object>> = {
    findMissingBlobs: { digests },
    createRun: { run: random.pick(['train', 'other']), commitId },
    finishRun: { state: 'finished', commitId },
    putLogSegment: { points: [{ step: 0, key: 'loss', value: 1, time: 0 }] },
    addInput: { experiment: 'demo', type: 'dataset', name: 'sample', tag: 'V1' },
    moveAlias: { tag: random.pick(['V1', 'V2', null]) },
    createVersion: { manifest: random.pick(digests), reservation: random.uuid(), commitId },
    putVersion: { manifest: random.pick(digests), reservation: random.uuid(), commitId },
    applyRetention: { keepLast: 1, dryRun: true },
  }
  const body = JSON.stringify(bodies[name] ?? {})
  return () => ({ body, headers: { 'content-type': 'application/json' } })
}

/** An answer without what is new in each. Boundaries and request ids tell nothing of anybody's data. */
async function describe(response: Response): Promise<string> {
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1')
  const headers = [...response.headers].filter(([header]) => header !== 'x-request-id')
  return [response.status, JSON.stringify(headers), body.replace(/"requestId":"[^"]+"/, '')].join(' ')
}

/** Whatever was stored before: what is read by a digest has that digest. */
async function checkBytes(request: Request, app: App): Promise<void> {
  const digest = /\/blobs\/(sha256%3A[0-9a-f]{64})$/.exec(request.url)?.[1]
  if (digest === undefined || request.method !== 'GET' || request.headers.has('range')) return
  const response = await app.fetch(request)
  // Nothing is damaged here: bytes that do not match were never to be stored.
  if (response.status === 500) throw new Error(`${digest} is answered with ${await response.text()}`)
  if (response.status !== 200) return
  const actual = sha256(new Uint8Array(await response.arrayBuffer()))
  if (actual !== decodeURIComponent(digest)) throw new Error(`${digest} is answered with bytes of ${actual}`)
}
