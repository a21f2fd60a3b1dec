import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256 } from '@trackway/protocol'
import { checkStore } from '@trackway/server'
import { openDirectoryStore } from '@trackway/server/node'
import { createRandom, type Random } from '@trackway/simulation'
import * as z from 'zod/mini'
import type { Campaign, Counts } from '../campaign.ts'
import { fastDisk } from '../processes/fast-disk.ts'
import { storeOldBlobs } from '../processes/old-blobs.ts'
import { resultOf, startCommand, startServer } from '../../processes/processes.ts'
import { startWorker } from '../processes/workers.ts'

interface Case {
  random: Random
  /** A folder for this case only. */
  root: string
}

const victims: Record<string, (at: Case) => Promise<Counts>> = {
  upload: killUpload,
  download: killDownload,
  serve: killServer,
  gc: killSweep,
  embedded: killEmbedded,
}

/** Kills processes at any moment, continues, and checks the result. */
export const kills: Campaign = {
  name: 'kills',
  title: 'kill -9 of processes that upload, download, serve, sweep or share a folder, then resuming',
  unit: 'cases',
  quick: 19,
  full: 630,
  async run(seed) {
    const random = createRandom(seed)
    const root = await mkdtemp(join(fastDisk, 'trackway-kill-'))
    const names = Object.keys(victims)
    const name = names[seed % names.length] ?? 'upload'
    try {
      return { [name]: 1, ...(await victims[name]?.({ random, root })) }
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  },
}

const uploadSchema = z.object({ tag: z.string(), uploadedBytes: z.number(), created: z.boolean() })

async function killUpload(at: Case): Promise<Counts> {
  const folder = await makeFiles(at, 'files')
  return withServer(at, async ({ host, apiKey, data }) => {
    const upload = () => startWorker({ host, apiKey, do: 'upload', folders: [folder] }, placeOf(at))
    await killAt(upload(), at.random, 500)
    const before = await storedBytes(data)
    const result = uploadSchema.parse(await resultOf(upload()))
    if (result.tag !== 'V1') throw new Error(`One content became ${result.tag}`)
    const again = result.uploadedBytes - ((await storedBytes(data)) - before)
    if (again > 0) throw new Error(`${again} bytes were sent again that had arrived`)
    await compareDownload(at, { host, apiKey, folder })
    return {
      'processes killed': 1,
      'bytes that had arrived': before,
      'of these sent again': Math.max(0, again),
    }
  })
}

async function killDownload(at: Case): Promise<Counts> {
  const folder = await makeFiles(at, 'files')
  return withServer(at, async ({ host, apiKey }) => {
    await resultOf(startWorker({ host, apiKey, do: 'upload', folders: [folder] }, placeOf(at)))
    const target = join(at.root, 'target')
    await killAt(startWorker({ host, apiKey, do: 'download', folder: target }, placeOf(at)), at.random, 300)
    // The target is complete, or does not exist.
    const found = await digestsOf(target).catch(() => undefined)
    if (found !== undefined) compare(found, await digestsOf(folder))
    await compareDownload(at, { host, apiKey, folder })
    return { 'processes killed': 1 }
  })
}

async function killServer(at: Case): Promise<Counts> {
  const folders = [await makeFiles(at, 'one'), await makeFiles(at, 'two')]
  const data = join(at.root, 'data')
  let server = await startServer(data)
  const { url: host, key: apiKey = '' } = server
  const port = Number(new URL(host).port)
  try {
    const worker = startWorker({ host, apiKey, do: 'upload', folders }, placeOf(at))
    await worker.printed('begin')
    for (let kill = 0; kill < 2; kill += 1) {
      await killAt(server, at.random, 400)
      server = await startServer(data, { port })
    }
    const result = uploadSchema.parse(await resultOf(worker))
    if (result.tag !== 'V2') throw new Error(`Two contents became ${result.tag}`)
    await compareDownload(at, { host, apiKey, folder: folders[1] ?? '' })
    return { 'processes killed': 2 }
  } finally {
    await stop(server, data)
  }
}

async function killSweep(at: Case): Promise<Counts> {
  const folder = await makeFiles(at, 'files')
  return withServer(at, async ({ host, apiKey, data }) => {
    await resultOf(startWorker({ host, apiKey, do: 'upload', folders: [folder] }, placeOf(at)))
    const orphans = await storeOldBlobs(
      data,
      Array.from({ length: 1000 }, () => randomBytes(100)),
    )
    await killAt(startCommand('gc', '--store', data), at.random, 600)
    const gc = startCommand('gc', '--store', data, '--resume')
    if ((await gc.ended) !== 0) throw new Error(gc.output())
    for (const orphan of orphans)
      if (await readFile(orphan).catch(() => undefined)) throw new Error(`${orphan} was left by two sweeps`)
    await compareDownload(at, { host, apiKey, folder })
    return { 'processes killed': 1 }
  })
}

/** Starts a server, and checks at the end that its store is undamaged. */
async function withServer(
  { root }: Case,
  use: (server: { host: string; apiKey: string; data: string }) => Promise<Counts>,
): Promise<Counts> {
  const data = join(root, 'data')
  const server = await startServer(data)
  try {
    return await use({ host: server.url, apiKey: server.key ?? '', data })
  } finally {
    await stop(server, data)
  }
}

/** Eight processes share a folder, each making three versions; three of them are killed. */
async function killEmbedded(at: Case): Promise<Counts> {
  const folders = await Promise.all(Array.from({ length: 24 }, (_, index) => makeSmall(at, `small-${index}`)))
  const workers = Array.from({ length: 8 }, (_, index) =>
    startWorker({ do: 'upload', folders: folders.slice(index * 3, index * 3 + 3) }, placeOf(at)),
  )
  await Promise.all(workers.slice(0, 3).map((worker) => killAt(worker, at.random, 500)))
  for (const worker of workers.slice(3)) await resultOf(worker)
  const data = join(at.root, '.trackway')
  const { versions } = await checkData(data)
  if (versions < 15 || versions > 24) throw new Error(`There are ${versions} versions of 15 to 24`)
  // Every tag that was printed is there once.
  const tags = workers.flatMap((worker) =>
    [...worker.output().matchAll(/"tag":"(V\d+)"/g)].map(([, tag]) => tag),
  )
  if (new Set(tags).size !== tags.length) throw new Error(`Tags were given twice: ${tags.join(' ')}`)
  return { 'processes killed': 3, 'versions by eight processes': versions }
}

function placeOf({ root }: Case) {
  return { cwd: root, cache: join(root, 'cache') }
}

/** Lets a process begin, and kills it at a random moment. */
async function killAt(
  running: ReturnType<typeof startCommand>,
  random: Random,
  withinMs: number,
): Promise<void> {
  if (running.announces) await running.printed('begin')
  await sleep(random.below(withinMs))
  running.kill()
  await running.ended
}

/** Some large files and many small ones. */
async function makeFiles(at: Case, name: string): Promise<string> {
  const folder = await makeSmall(at, name, 80)
  await writeFile(join(folder, 'large.bin'), randomBytes(8_000_000 + at.random.below(16_000_000)))
  await writeFile(join(folder, 'middle.bin'), randomBytes(2_000_000))
  return folder
}

async function makeSmall({ root }: Case, name: string, count = 5): Promise<string> {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  for (let index = 0; index < count; index += 1)
    await writeFile(join(folder, `${index}.bin`), randomBytes(10_000))
  return folder
}

async function storedBytes(data: string): Promise<number> {
  const store = await openDirectoryStore(data)
  let bytes = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof store.list>> = await store.list({ prefix: 't/default/b/', after })
    for (const { size } of page.objects) bytes += size
    after = page.next
  }
  return bytes
}

async function compareDownload(
  at: Case,
  { host, apiKey, folder }: { host: string; apiKey: string; folder: string },
): Promise<void> {
  const target = join(at.root, 'target')
  await resultOf(startWorker({ host, apiKey, do: 'download', folder: target }, placeOf(at)))
  compare(await digestsOf(target), await digestsOf(folder))
  const leftovers = (await readdir(at.root)).filter((name) => name.startsWith('target.'))
  if (leftovers.length > 0) throw new Error(`${leftovers.join(', ')} was left beside the target`)
}

async function digestsOf(folder: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  for (const name of (await readdir(folder)).sort())
    digests.set(name, sha256(await readFile(join(folder, name))))
  return digests
}

function compare(actual: Map<string, string>, expected: Map<string, string>): void {
  if (JSON.stringify([...actual]) !== JSON.stringify([...expected]))
    throw new Error('The files are not those that were uploaded')
}

async function stop(server: ReturnType<typeof startCommand>, data: string): Promise<void> {
  server.kill()
  await server.ended
  await checkData(data)
}

async function checkData(data: string) {
  const report = await checkStore(await openDirectoryStore(data), { readData: true })
  if (!report.ok) throw new Error(`check finds damage: ${JSON.stringify(report.damages)}`)
  return report
}
