// A client in a separate process: it executes orders that it gets as messages, and replies with measurements.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Artifact, login, type Session } from '@trackway/sdk'
import { changedBytes } from './data.ts'
import { peakMemory } from './machine.ts'
import { median, time } from './statistics.ts'
import type { Order, Report } from './client.ts'

let requests = 0
const platformFetch = globalThis.fetch
globalThis.fetch = (...given: Parameters<typeof fetch>) => {
  requests += 1
  return platformFetch(...given)
}

const session = await login({ quiet: true })
await session.init({ experiment: 'bench' })

process.on('message', (order: Order) => {
  void carryOut(order).then((report) => process.send?.(report))
})
process.send?.({ ready: true })

async function carryOut(order: Order): Promise<Report> {
  const before = requests
  try {
    const report = await work(session, order)
    return { requests: requests - before, peakMiB: await peakMemory(process.pid), ...report }
  } catch (error) {
    return { error: String(error) }
  }
}

async function work(by: Session, order: Order): Promise<Report> {
  switch (order.action) {
    case 'upload':
      return upload(by, order)
    case 'download': {
      const ms = await time(async () => {
        const artifact = await by.getArtifact(order.name, 'dataset', order.revision)
        await artifact.download(order.folder)
      })
      return { ms }
    }
    case 'get':
      return { ms: await time(() => by.getArtifact(order.name, 'dataset', order.revision)) }
    case 'fetch-asset':
      return fetchAsset(by, order.name)
    case 'versions':
      return makeVersions(by, order)
    case 'abort':
      return abortUpload(by, order)
    case 'small-versions':
      return makeSmallVersions(by, order)
  }
}

async function upload(
  by: Session,
  { name, path, as, isNext }: Extract<Order, { action: 'upload' }>,
): Promise<Report> {
  const read = readBytes()
  let report: Report = {}
  const ms = await time(async () => {
    const artifact = isNext ? await by.getArtifact(name, 'dataset') : new Artifact(name, 'dataset')
    await artifact.add(path, as === undefined ? {} : { name: as })
    const { uploadedBytes, created } = await by.uploadArtifact(artifact)
    report = { sentBytes: uploadedBytes, created }
  })
  return { ...report, ms, readBytes: readBytes() - read }
}

/** The number of bytes that this process has read by system calls so far. */
function readBytes(): number {
  try {
    return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}

async function fetchAsset(by: Session, name: string): Promise<Report> {
  const spec = `dataset/${name}:V1[d0/000000]`
  const path = await by.fetchAsset(spec)
  const before = requests
  const times: number[] = []
  const baseline: number[] = []
  for (let turn = 0; turn < 1000; turn += 1) {
    times.push(await time(() => by.fetchAsset(spec)))
    baseline.push(await time(() => stat(path)))
  }
  return { ms: median(times), baselineMs: median(baseline), requests: requests - before }
}

/** Makes versions up to a number, each with some files changed, and reports on the last five. */
async function makeVersions(
  by: Session,
  { name, files, bytes, from, to, changes }: Extract<Order, { action: 'versions' }>,
): Promise<Report> {
  const artifact = from === 1 ? new Artifact(name, 'dataset') : await by.getArtifact(name, 'dataset')
  if (from === 1) {
    for (let index = 0; index < files; index += 1)
      await artifact.add(changedBytes(`${name} ${index}`, bytes), { name: fileName(index) })
    await by.uploadArtifact(artifact)
  }
  const times: number[] = []
  const counts: number[] = []
  for (let version = from + 1; version <= to; version += 1) {
    for (let change = 0; change < changes; change += 1) {
      const path = fileName((version * 7919 + change * 104_729) % files)
      artifact.remove(path)
      await artifact.add(changedBytes(`${name} ${version} ${change}`, bytes), { name: path })
    }
    const before = requests
    times.push(await time(() => by.uploadArtifact(artifact)))
    counts.push(requests - before)
  }
  return { ms: median(times.slice(-9)), requests: median(counts.slice(-9)) }
}

const smallSizes = [1000, 300_000, 10_000, 2000, 40_000]

/** Several concurrent writers, each with its own artifact, make versions of one to four new small files. */
async function makeSmallVersions(
  by: Session,
  { name, writers, versions }: Extract<Order, { action: 'small-versions' }>,
): Promise<Report> {
  let sentBytes = 0
  const write = async (writer: number) => {
    for (let version = 0; version < versions; version += 1) {
      const artifact = new Artifact(`${name}-${writer}`, 'dataset')
      for (let file = 0; file <= (writer + version) % 4; file += 1) {
        const size = smallSizes[(writer + version + file) % smallSizes.length] ?? 0
        const bytes = changedBytes(`${name} ${writer} ${version} ${file}`, size)
        await artifact.add(bytes, { name: fileName(file) })
      }
      const { uploadedBytes } = await by.uploadArtifact(artifact)
      sentBytes += uploadedBytes
    }
  }
  const ms = await time(() => Promise.all(Array.from({ length: writers }, (_, writer) => write(writer))))
  return { ms, sentBytes }
}

function fileName(index: number): string {
  return `d${index % 10}/${String(index).padStart(6, '0')}`
}

async function abortUpload(
  by: Session,
  { name, path }: Extract<Order, { action: 'abort' }>,
): Promise<Report> {
  const stop = new AbortController()
  const artifact = new Artifact(name, 'dataset')
  await artifact.add(path)
  const uploading = by.uploadArtifact(artifact, { signal: stop.signal }).then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.name : 'failed'),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  const begin = performance.now()
  stop.abort()
  const outcome = await uploading
  while (openHandles(path) > 0 && performance.now() - begin < 5000)
    await new Promise((resolve) => setImmediate(resolve))
  if (outcome !== 'AbortError') throw new Error(`The upload was not aborted but ${outcome}`)
  return { ms: performance.now() - begin }
}

/** The number of open handles of the data. */
function openHandles(path: string): number {
  const folder = '/proc/self/fd'
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)).startsWith(path)
    } catch {
      return false // The handle of this very listing.
    }
  }).length
}
