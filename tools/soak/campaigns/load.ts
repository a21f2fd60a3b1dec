import { mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { concatenateBytes, routePath, sha256 } from '@trackway/protocol'
import { checkStore } from '@trackway/server'
import { openDirectoryStore } from '@trackway/server/node'
import { createRandom, storedManifest, type Random } from '@trackway/simulation'
import type { Campaign, Counts } from '../campaign.ts'
import { exchange, type Exchange, type Site } from '../processes/exchange.ts'
import { fastDisk } from '../processes/fast-disk.ts'
import { startServer } from '../../processes/processes.ts'
import { readMemory } from '../../processes/memory.ts'
import { percentile } from '../percentile.ts'

const clients = 200
const artifacts = 50

/** 200 clients read and write at once: every response is success or "later", and memory does not grow. */
export const load: Campaign = {
  name: 'load',
  title: `${clients} clients that read and write at once: no error but 429 and 503 with Retry-After, memory flat`,
  unit: 'seconds',
  quick: 20,
  full: 120,
  atOnce: true,
  async run(seed, { count: seconds }) {
    const data = await mkdtemp(join(fastDisk, 'trackway-load-'))
    const server = await startServer(data)
    const { hostname, port } = new URL(server.url)
    const agent = new Agent({ keepAlive: true, maxSockets: clients })
    const target: Site = { agent, host: hostname, port: Number(port), key: server.key ?? '' }
    const tally: Tally = { took: [], later: 0, memory: [], versions: 0 }
    try {
      const ends = performance.now() + seconds * 1000
      const random = createRandom(seed)
      for (let index = 0; index < artifacts; index += 1)
        await write(target, { random, tally, name: `sample-${index}` })
      const watching = watchMemory(server.child.pid ?? 0, { tally, ends })
      await Promise.all(
        Array.from({ length: clients }, (_, index) =>
          beOneClient(target, { random: createRandom(seed + index), tally, ends }),
        ),
      )
      await watching
    } finally {
      agent.destroy()
      server.child.kill('SIGTERM')
      await server.ended
    }
    const report = await checkStore(await openDirectoryStore(data), { readData: true })
    await rm(data, { recursive: true })
    if (!report.ok || report.versions !== tally.versions)
      throw new Error(
        `${tally.versions} versions were made, ${report.versions} are there, ${report.damages.length} damages`,
      )
    return judge(tally)
  },
}

interface Tally {
  /** Milliseconds that each request took. */
  took: number[]
  later: number
  /** MiB of the server's memory, each second. */
  memory: number[]
  versions: number
}

async function beOneClient(
  target: Site,
  { random, tally, ends }: { random: Random; tally: Tally; ends: number },
) {
  while (performance.now() < ends) {
    const name = `sample-${random.below(artifacts)}`
    const scope = { team: 'default', experiment: 'load', type: 'dataset', name }
    if (random.chance(0.1)) await write(target, { random, tally, name })
    else if (random.chance(0.4))
      await send(target, { tally, path: routePath('getVersion', { ...scope, revision: 'latest' }) })
    else if (random.chance(0.5))
      await send(target, { tally, path: routePath('getManifest', { ...scope, revision: 'V1' }) })
    else
      await send(target, {
        tally,
        path: routePath('getFile', { ...scope, revision: 'latest', path: 'a.bin' }),
      })
  }
}

/** One version of two files, by four requests. */
async function write(
  target: Site,
  { random, tally, name }: { random: Random; tally: Tally; name: string },
): Promise<void> {
  const scope = { team: 'default', experiment: 'load', type: 'dataset', name }
  const files = { 'a.bin': random.bytes(2000), 'b.bin': random.bytes(500 + random.below(50_000)) }
  const form: Uint8Array[] = []
  for (const bytes of Object.values(files))
    form.push(
      Buffer.from(`--x\r\ncontent-disposition: form-data; name="${sha256(bytes)}"; filename="b"\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    )
  form.push(Buffer.from('--x--\r\n'))
  await send(target, {
    tally,
    method: 'POST',
    path: routePath('putBlobs', scope),
    type: 'multipart/form-data; boundary=x',
    body: concatenateBytes(form),
  })
  const { digest, bytes: manifest } = storedManifest(files)
  const path = routePath('putManifest', { ...scope, digest })
  const { reservation } = await send(target, {
    tally,
    method: 'PUT',
    path,
    type: 'application/x-ndjson',
    body: manifest,
  })
  await send(target, {
    tally,
    method: 'POST',
    path: routePath('createVersion', scope),
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ manifest: digest, reservation, commitId: random.uuid() })),
  })
  tally.versions += 1
}

interface Sending extends Exchange {
  tally: Tally
}

/** Sends a request until it succeeds. Throws for all other responses but 429 and 503 with Retry-After. */
async function send(target: Site, sending: Sending): Promise<Record<string, unknown>> {
  for (;;) {
    const begin = performance.now()
    const { status, retryAfter, text } = await exchange(target, sending)
    sending.tally.took.push(performance.now() - begin)
    if (status < 300) return text.startsWith('{') && !text.includes('\n') ? JSON.parse(text) : {}
    if ((status !== 429 && status !== 503) || retryAfter === undefined)
      throw new Error(`${sending.method ?? 'GET'} ${sending.path} was answered with ${status}: ${text}`)
    sending.tally.later += 1
    await sleep(Number(retryAfter) * 1000)
  }
}

async function watchMemory(pid: number, { tally, ends }: { tally: Tally; ends: number }): Promise<void> {
  while (performance.now() < ends) {
    const memory = await readMemory(pid)
    if (memory !== undefined) tally.memory.push(memory.now)
    await sleep(1000)
  }
}

function judge({ took, later, memory, versions }: Tally): Counts {
  const half = mean(memory.slice(Math.floor(memory.length / 4), Math.floor(memory.length / 2)))
  const end = mean(memory.slice(-Math.ceil(memory.length / 4)))
  if (end > half * 1.3 + 32)
    throw new Error(`The server's memory grew from ${half.toFixed(0)} to ${end.toFixed(0)} MiB`)
  return {
    requests: took.length,
    versions,
    'told to come later': later,
    'most p50 ms': round(percentile(took, 50)),
    'most p99 ms': round(percentile(took, 99)),
    'most MiB at half-time': round(half),
    'most MiB at the end': round(end),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
