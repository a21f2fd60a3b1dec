// Counts the requests of common operations at an S3 store, and prints them as the table of docs/deploy.md.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Artifact, login, type Session } from '@trackway/sdk'
import { startRequestCounter, type RequestCounts } from '../s3-servers/request-counter.ts'

/** Dollars per request at Amazon, us-east-1, as quoted in docs/deploy.md. */
const prices: RequestCounts = { PUT: 5e-6, LIST: 5e-6, GET: 4e-7, HEAD: 4e-7, DELETE: 0 }

/** An operation whose requests are counted. Each is done once, in this order. */
type Step = [name: string, work: () => Promise<unknown>]

const [store] = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []
if (store === undefined) throw new Error('TRACKWAY_TEST_S3 does not name a store to count at')
const folder = await mkdtemp(join(tmpdir(), 'trackway-count-'))
process.env['XDG_CACHE_HOME'] = join(folder, 'cache')
process.env['TRACKWAY_ASSETS_DIR'] = join(folder, 'assets')
const url = new URL(store)
const counter = await startRequestCounter(url.searchParams.get('endpoint') ?? '')
try {
  url.searchParams.set('endpoint', counter.endpoint)
  url.pathname += `/${randomUUID()}`
  print(await count(steps(url.href)))
} finally {
  counter.close()
  await rm(folder, { recursive: true })
}

async function count(all: AsyncIterable<Step>): Promise<[string, RequestCounts][]> {
  const counted: [string, RequestCounts][] = []
  for await (const [name, work] of all) {
    counter.take()
    await work()
    counted.push([name, counter.take()])
  }
  return counted
}

async function* steps(host: string): AsyncGenerator<Step> {
  const large = join(folder, 'large.bin')
  const many = join(folder, 'many')
  await writeFile(large, randomBytes(64 * 1024 * 1024))
  await mkdir(many)
  for (let index = 0; index < 10_000; index += 1) await writeFile(join(many, `${index}`), randomBytes(10_000))

  yield ['`login`, the first one ever', () => login({ host, quiet: true })]
  const session = await login({ host: `${host}&addressing=path`, quiet: true })
  yield ['`login`, any later one', () => login({ host: `${host}&region=us-east-1`, quiet: true })]
  yield ['`init`', () => session.init({ quiet: true })]
  yield ['upload one file of 10 kB, as V1', () => upload(session, 'one', join(many, '0'))]
  await writeFile(join(many, '0'), randomBytes(10_000))
  yield ['upload it changed, as V2', () => upload(session, 'one', join(many, '0'))]
  yield ['upload 10,000 files of 10 kB', () => upload(session, 'many', many)]
  yield ['upload them unchanged', () => upload(session, 'many', many)]
  await writeFile(join(many, '7'), randomBytes(10_000))
  yield ['upload them with one changed', () => upload(session, 'many', many)]
  yield ['upload one file of 64 MiB', () => upload(session, 'large', large)]
  yield ['`getArtifact`, the latest', () => session.getArtifact('many', 'dataset')]
  yield ['`getArtifact` by tag, however often', () => session.getArtifact('many', 'dataset', 'V1')]
  yield ['move an alias', () => session.setAlias('many', 'dataset', 'production', 'V1')]
  yield ['`getArtifact` by alias', () => session.getArtifact('many', 'dataset', 'production')]
  const [version, largeVersion] = [
    await session.getArtifact('many', 'dataset', 'V1'),
    await session.getArtifact('large', 'dataset'),
  ]
  yield ['download 10,000 files of 10 kB', () => version.download(join(folder, 'many-back'))]
  yield ['download one file of 64 MiB', () => largeVersion.download(join(folder, 'large-back'))]
  yield ['read one file of 10 kB', () => version.entry('8').bytes()]
  yield ['`fetchAsset`, not there yet', () => session.fetchAsset('dataset/one:V1')]
  yield ['`fetchAsset`, pinned and there', () => session.fetchAsset('dataset/one:V1')]
}

async function upload(session: Session, name: string, path: string): Promise<void> {
  const artifact = new Artifact(name, 'dataset')
  await artifact.add(path)
  await session.uploadArtifact(artifact, { quiet: true })
}

function print(rows: [string, RequestCounts][]): void {
  console.log('| what | PUT | LIST | GET | HEAD | DELETE | dollars for a thousand times |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const [name, { PUT, LIST, GET, HEAD, DELETE }] of rows) {
    const price = PUT * prices.PUT + LIST * prices.LIST + GET * prices.GET + HEAD * prices.HEAD
    console.log(`| ${[name, PUT, LIST, GET, HEAD, DELETE, (price * 1000).toFixed(3)].join(' | ')} |`)
  }
}
