import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createApp } from '@trackway/server'
import { createSigningStore } from '@trackway/server/testing'
import { createMock, startMockServer, type Mock, type Quotas } from '@trackway/mock-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login, type Session } from '../src/index.ts'
import { errorOf, temporaryFolder, testKey, writeFiles } from './test-server.ts'

const place = { experiment: 'uncategorized' }
const retry = { firstDelayMs: 1, maxDelayMs: 5 }

async function begin(quotas: Quotas): Promise<{ mock: Mock; session: Session }> {
  const mock = createMock({ quotas })
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, retry, quiet: true })
  return { mock, session }
}

async function upload(session: Session, content: Uint8Array | string, name = 'sample'): Promise<void> {
  const artifact = new Artifact(name, 'dataset')
  await artifact.add(typeof content === 'string' ? new TextEncoder().encode(content) : content, {
    name: 'a.bin',
  })
  await session.uploadArtifact(artifact, place)
}

test('2,000 files can be uploaded to and downloaded from a server that allows two requests at a time', async () => {
  const folder = await temporaryFolder()
  const files = join(folder, 'files')
  const bytes = randomBytes(2_000 * 10_000)
  const names = Array.from({ length: 2_000 }, (_, number) => `${number}.bin`)
  const contentAt = (number: number) => bytes.subarray(number * 10_000, (number + 1) * 10_000)
  await writeFiles(files, Object.fromEntries(names.map((name, number) => [name, contentAt(number)])))
  await using server = await startMockServer({ quotas: { key: { requests: 2 } } })
  const session = await login({ host: server.url, apiKey: server.apiKey, quiet: true })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(files)
  await session.uploadArtifact(artifact, place)
  const version = await session.getArtifact('sample', 'dataset', 'latest', place)
  expect(version.entryList).toHaveLength(2_000)
  const target = join(folder, 'target')
  await version.download(target)
  expect(await version.verify(target)).toMatchObject({ ok: true })
  expect(server.requests.filter(({ status }) => status === 429)).not.toEqual([])
  expect(server.requests.filter(({ status = 500 }) => status > 429)).toEqual([])
}, 60_000)

test('a run that logs ten times as fast as the server accepts loses no points', async () => {
  const { mock, session } = await begin({ key: { points: 100 } })
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const run = await session.init({ run: 'r', experiment: 'e' })
  for (let second = 0; second < 20; second += 1) {
    for (let step = 0; step < 100; step += 1)
      await run.log(Object.fromEntries(Array.from({ length: 10 }, (_, key) => [`metric${key}`, step])))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  const progress = { isFinished: false }
  const finished = run.finish().finally(() => (progress.isFinished = true))
  let seconds = 20
  for (; !progress.isFinished && seconds < 1_000; seconds += 1) await vi.advanceTimersByTimeAsync(1_000)
  await finished
  // 20,000 points at 100 a second; those of ten seconds and the last segment are sent at once.
  expect(seconds).toBeGreaterThan(170)
  expect(seconds).toBeLessThan(250)
  expect(run.dropped).toBe(0)
  expect(await session.getLog('r', { experiment: 'e' })).toHaveLength(20_000)
  const refused = mock.requests.filter(({ status }) => status === 429)
  expect(refused).not.toEqual([])
  expect(refused.length).toBeLessThan(60)
})

test('an upload beyond a quota says what is used, what is allowed and what to do, and loses nothing', async () => {
  const { session } = await begin({ team: { bytes: 1_000_000 } })
  await upload(session, randomBytes(600_000))
  const error = await errorOf('quota_exceeded', upload(session, randomBytes(600_000)))
  expect(error).toMatchObject({
    status: 507,
    retryable: false,
    details: { limit: 'bytes', maximum: 1_000_000, of: 'team default' },
  })
  expect(error.message).toMatch(
    /Team default has 60\d kB of the 1\.0 MB that this server allows it, and this needs 600 kB; delete versions, whose bytes trackway-server gc frees a week later, or ask the operator of the server for more/,
  )
  const versions = await session.listVersions('sample', 'dataset', place)
  expect(versions.map(({ tag }) => tag)).toEqual(['V1'])
  await upload(session, 'there is still room', 'other')
})

test('blobs that were uploaded by presigned URLs count, on the server that signed them and on another', async () => {
  const bucket = createSigningStore({ origin: () => 'http://bucket.test' })
  const open = async () => {
    const app = await createApp({
      store: bucket.store,
      access: { user: 'ada' },
      quotas: { team: { bytes: 5_000_000 } },
    })
    const fetch = (request: Request) =>
      request.url.startsWith('http://bucket.test') ? bucket.fetch(request) : app.fetch(request)
    return login({ host: 'http://server.test', apiKey: testKey, fetch, retry, quiet: true })
  }
  const one = await open()
  const other = await open()
  await upload(one, randomBytes(3_000_000))
  const sent = bucket.requests
    .filter(({ method }) => method === 'PUT')
    .reduce((sum, { size }) => sum + size, 0)
  expect(sent).toBe(3_000_000)
  await errorOf('quota_exceeded', upload(one, randomBytes(3_000_000)))
  await errorOf('quota_exceeded', upload(other, randomBytes(3_000_000)))
})

test('a version beyond a quota is refused before it is made', async () => {
  const { session } = await begin({ key: { versions: 1 } })
  await upload(session, 'a')
  const error = await errorOf('quota_exceeded', upload(session, 'b'))
  expect(error.message).toMatch(
    /API key [0-9a-f]{12} in team default has 1 of the 1 versions that this server/,
  )
})

test('a mock that is reset counts from the beginning, and refuses quotas that make no sense', async () => {
  const { mock, session } = await begin({ team: { versions: 1 } })
  await upload(session, 'a')
  mock.reset()
  await expect(mock.seed({ 'dataset/sample': { a: '1' } })).resolves.toBeUndefined()
  await expect(mock.seed({ 'dataset/sample': { a: '2' } })).rejects.toThrow('1 of the 1 versions')
  expect(() => createMock({ quotas: { team: { versions: -1 } } })).toThrow(
    'has to be a whole number from 0 on',
  )
})
