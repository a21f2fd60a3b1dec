import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { createApiKey, createApp, createMemoryStore } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { createRandom, type Random } from '@trackway/simulation'
import { Artifact, login, type Session } from '@trackway/sdk'
import type { Campaign } from '../campaign.ts'
import { startProxy, type ConnectionFault } from '../processes/tcp-proxy.ts'

process.env['XDG_CACHE_HOME'] = mkdtempSync(join(tmpdir(), 'trackway-network-'))

const budgetMs = 3000
/** Logging in may take 5 s, whatever the budget, and an upload sends several requests. */
const mostMs = 12 * budgetMs

/** A client whose connections are cut, reset, stuck, slowed, taken by others, or closed while idle. */
export const network: Campaign = {
  name: 'network',
  title:
    'a TCP proxy that cuts, resets, stalls, slows, redirects and answers 413, 429 and 503: no hang, no second version',
  unit: 'networks',
  quick: 100,
  full: 5000,
  async run(seed) {
    const random = createRandom(seed)
    const store = createMemoryStore()
    await createApiKey(store, { user: 'ada', roles: { team: 'write' }, key: 'tw_test' })
    const server = await serve({ app: await createApp({ store }), port: 0 })
    const port = Number(new URL(server.url).port)
    let left = random.below(8)
    let disturbed = 0
    const proxy = await startProxy(port, () => {
      if (left === 0 || random.chance(0.3)) return undefined
      left -= 1
      disturbed += 1
      return drawFault(random, server.url)
    })
    try {
      const files = Object.fromEntries(
        Array.from({ length: 6 }, (_, index) => [
          `file-${index}`,
          random.bytes(index === 0 ? 400_000 : 2000),
        ]),
      )
      const failed = await tryEverything(`http://127.0.0.1:${proxy.port}`, files)
      left = 0
      // The final comparison has a budget that is long enough for a busy machine.
      const session = await open(server.url, 60_000)
      await session.init({ quiet: true })
      const { tag } = await session.uploadArtifact(await artifactOf(files))
      const versions = await session.listVersions('sample', 'dataset')
      if (tag !== 'V1' || versions.length !== 1)
        throw new Error(`One content became ${versions.length} versions, at last ${tag}`)
      await compare(session, files)
      return { 'connections disturbed': disturbed, 'calls that failed': failed }
    } finally {
      await proxy.close()
      await server.close()
    }
  },
}

function drawFault(random: Random, url: string): ConnectionFault {
  const kind = random.pick(['cut', 'reset', 'stuck', 'slow', 'answer', 'stale'] as const)
  const after = random.below(random.pick([200, 5000, 400_000]))
  if (kind === 'slow' || kind === 'stale') return { kind }
  // A connection that is stuck costs the whole budget: seldom.
  if (kind === 'stuck') return random.chance(0.2) ? { kind, after } : { kind: 'cut', after }
  if (kind !== 'answer') return { kind, after }
  const status = random.pick([413, 429, 429, 502, 503, 503, 302, 307, 408])
  const location = status < 400 ? `location: ${url}/elsewhere\r\n` : ''
  return { kind, status, headers: random.chance(0.3) ? `retry-after: 0\r\n${location}` : location }
}

function open(host: string, patienceMs = budgetMs): Promise<Session> {
  const retry = { budgetMs: patienceMs, firstDelayMs: 5, maxDelayMs: 50 }
  return login({ host, apiKey: 'tw_test', team: 'team', experiment: 'demo', retry, quiet: true })
}

/** Logs in, uploads and reads; a call that fails has to fail in time, with an error of ours. */
async function tryEverything(host: string, files: Record<string, Uint8Array>): Promise<number> {
  let failed = 0
  let session: Session | undefined
  const steps = [
    async () => (session = await open(host)),
    async () => session?.uploadArtifact(await artifactOf(files), { experiment: 'demo' }),
    async () => session !== undefined && compare(session, files),
  ]
  for (const step of steps) {
    const begin = performance.now()
    try {
      await step()
    } catch (error) {
      if (!TrackwayError.isInstance(error)) throw error
      failed += 1
    }
    const took = performance.now() - begin
    if (took > mostMs) throw new Error(`A call took ${Math.round(took)} ms`)
  }
  return failed
}

async function artifactOf(files: Record<string, Uint8Array>): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  for (const [name, bytes] of Object.entries(files)) await artifact.add(bytes, { name })
  return artifact
}

async function compare(session: Session, files: Record<string, Uint8Array>): Promise<void> {
  const artifact = await session.getArtifact('sample', 'dataset', undefined, { experiment: 'demo' })
  for (const [name, expected] of Object.entries(files)) {
    const bytes = await artifact.entry(name).bytes()
    if (Buffer.compare(bytes, expected) !== 0) throw new Error(`Wrong bytes were returned for ${name}`)
  }
}
