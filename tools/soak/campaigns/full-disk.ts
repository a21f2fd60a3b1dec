import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TrackwayError } from '@trackway/protocol'
import { checkStore, createApp, createMemoryStore } from '@trackway/server'
import { openDirectoryStore } from '@trackway/server/node'
import { createRandom } from '@trackway/simulation'
import { Artifact, login, type Session } from '@trackway/sdk'
import type { Campaign, Counts } from '../campaign.ts'

const run = promisify(execFile)
const diskBytes = 8 * 1024 * 1024

/** A real disk of 8 MiB that fills up: a server's during an upload, and a client's during a download. */
export const fullDisk: Campaign = {
  name: 'full-disk',
  title:
    'a tmpfs of 8 MiB that fills up under a server and a download: an error, nothing partial, and it recovers',
  unit: 'disks',
  quick: 3,
  full: 100,
  async run(seed) {
    const root = await mkdtemp(join(tmpdir(), 'trackway-full-'))
    const disk = join(root, 'disk')
    await mkdir(disk)
    process.env['XDG_CACHE_HOME'] = join(root, 'cache')
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk])
    } catch {
      await rm(root, { recursive: true })
      return { 'skipped, since this user may not mount': 1 }
    }
    try {
      return seed % 2 === 0 ? await fillServer(disk, seed) : await fillDownload(disk, seed)
    } finally {
      await run('umount', [disk])
      await rm(root, { recursive: true, force: true })
    }
  },
}

async function fillServer(disk: string, seed: number): Promise<Counts> {
  const random = createRandom(seed)
  const data = join(disk, 'data')
  const store = await openDirectoryStore(data)
  const app = await createApp({ store, access: { user: 'tester' } })
  const session = await openSession((request) => app.fetch(request))
  const ballast = join(disk, 'ballast')
  await writeFile(ballast, randomBytes(random.below(diskBytes - 3_000_000)))
  const artifact = await artifactOf(random.bytes(7_000_000))
  const code = await codeOf(session.uploadArtifact(artifact, { quiet: true }))
  if (code !== undefined && code !== 'insufficient_storage') throw new Error(`A full disk became ${code}`)
  const report = await checkStore(store, { readData: true })
  if (!report.ok || (code !== undefined && report.versions > 0))
    throw new Error(`A full disk left ${JSON.stringify(report)}`)
  await rm(ballast)
  const { tag } = await session.uploadArtifact(artifact, { quiet: true })
  if (tag !== 'V1') throw new Error(`Resuming made ${tag}`)
  return { [`servers: ${code ?? 'fitted'}`]: 1 }
}

async function fillDownload(disk: string, seed: number): Promise<Counts> {
  const random = createRandom(seed)
  const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
  const session = await openSession((request) => app.fetch(request))
  await session.uploadArtifact(await artifactOf(random.bytes(5_000_000)), { quiet: true })
  const ballast = join(disk, 'ballast')
  await writeFile(ballast, randomBytes(random.below(diskBytes - 1_000_000)))
  const target = join(disk, 'target')
  const artifact = await session.getArtifact('sample', 'dataset')
  const code = await codeOf(artifact.download(target, { quiet: true }))
  const found = await readdir(target).catch(() => undefined)
  if (code !== undefined && found !== undefined)
    throw new Error('A download that failed left something under its name')
  await rm(ballast)
  await artifact.download(target, { quiet: true })
  if (!(await artifact.verify(target)).ok) throw new Error('The download is not what was uploaded')
  return { [`downloads: ${code ?? 'fitted'}`]: 1 }
}

async function openSession(fetch: (request: Request) => Promise<Response>): Promise<Session> {
  const retry = { budgetMs: 2000, firstDelayMs: 1, maxDelayMs: 5 }
  const session = await login({ host: 'http://test', apiKey: 'tw_test', fetch, retry, quiet: true })
  await session.init({ quiet: true })
  return session
}

async function artifactOf(bytes: Uint8Array): Promise<Artifact> {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(bytes.subarray(0, 1_000_000), { name: 'a.bin' })
  await artifact.add(bytes.subarray(1_000_000), { name: 'b.bin' })
  return artifact
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (TrackwayError.isInstance(error)) return error.code
    throw error
  }
}
