import { routes, sha256, type RouteName } from '@trackway/protocol'
import type { App } from '@trackway/server'
import { createRandom, type Random } from '@trackway/simulation'
import type { Campaign } from '../campaign.ts'
import { describeAnswer, manifestOf, openTwin, ourText, secretText } from '../stores/twins.ts'

const requestsEach = 100
const secret = new TextEncoder().encode(secretText)
const ours = new TextEncoder().encode(ourText)
const names = Object.keys(routes) as RouteName[] // The keys of the table are its names.

/**
 * One server where another team has data, and one where it has none: with our key, both give the same answer
 * to every request. So nothing of the other team can be read, not even whether it exists.
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
      const answers = await Promise.all(
        [alone, beside].map(async (app) => describeAnswer(await app.fetch(make()))),
      )
      const [expected, actual] = answers
      if (expected !== actual)
        throw new Error(`${make().method} ${make().url}\nalone:  ${expected}\nbeside: ${actual}`)
      await checkBytes(make(), beside)
      if (actual?.startsWith('2')) answered += 1
    }
    return { requests: requestsEach, 'answered with success': answered }
  },
}

/** Creates the same request each time it is called, since a body can be read only once. */
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

/** Whatever was stored before, bytes that are read by a digest have that digest. */
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
