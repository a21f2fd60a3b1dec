import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRequestCounter } from '../../../tools/s3-servers/request-counter.ts'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

const stores = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []
const rclone = process.env['TRACKWAY_TEST_RCLONE']

beforeEach(async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryFolder())
  vi.stubEnv('TRACKWAY_ASSETS_DIR', await temporaryFolder())
  return () => vi.unstubAllEnvs()
})

test.runIf(stores.length === 0)('a bucket is used without a server', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 does not name a store'),
)

describe.each(stores)('%s, without a server,', (store) => {
  /** A fresh store, and a counter of its requests. */
  async function openFresh() {
    const url = new URL(store)
    const counter = await startRequestCounter(url.searchParams.get('endpoint') ?? '')
    onTestFinished(() => counter.close())
    url.searchParams.set('endpoint', counter.endpoint)
    url.pathname += `/${randomUUID()}`
    const host = url.href
    async function logIn(query = '') {
      const session = await login({ store: host + query, quiet: true })
      await session.init({ experiment: 'tests' })
      return session
    }
    return { counter, logIn }
  }

  test('takes 10,000 files of 10 kB in at most 200 PUTs and gives them back in at most 200 GETs', async () => {
    const { counter, logIn } = await openFresh()
    const paths = Array.from({ length: 10_000 }, (_, index) => `${index % 100}/${index}`)
    const session = await logIn()
    const artifact = new Artifact('sample', 'dataset')
    for (const [index, name] of paths.entries()) await artifact.add(noise(index), { name })
    counter.take()
    expect(await session.uploadArtifact(artifact)).toMatchObject({ tag: 'V1' })
    const sent = counter.take()
    expect(sent.PUT).toBeGreaterThan(24)
    expect(sent.PUT).toBeLessThanOrEqual(200)

    const stored = await session.getArtifact('sample', 'dataset')
    const back = await stored.download(await temporaryFolder(), { overwrite: true })
    const fetched = counter.take()
    expect(fetched.GET).toBeGreaterThan(24)
    expect(fetched.GET).toBeLessThanOrEqual(200)
    const contents = await Promise.all(paths.map((path) => readFile(join(back, path))))
    expect(contents.findIndex((content, index) => !content.equals(noise(index)))).toBe(-1)
  })

  test('is one store for everyone who logs in to it', async () => {
    const { logIn } = await openFresh()
    const [one, two] = [await logIn(), await logIn('&addressing=path')]
    expect(two.storeId).toBe(one.storeId)
    const tags = await Promise.all(
      [one, two, one, two].map(async (session, index) => {
        const artifact = new Artifact('shared', 'dataset')
        await artifact.add(new Uint8Array([index]), { name: 'a' })
        return (await session.uploadArtifact(artifact, { onConflict: 'next' })).tag
      }),
    )
    expect(tags.toSorted()).toEqual(['V1', 'V2', 'V3', 'V4'])
  })

  test('a pinned version that is present needs no request, and a missing one is fetched', async () => {
    const { counter, logIn } = await openFresh()
    const session = await logIn()
    const artifact = new Artifact('model', 'model')
    await artifact.add(new TextEncoder().encode('weights'), { name: 'weights.bin' })
    await session.uploadArtifact(artifact)
    const path = await session.fetchAsset('model/model:V1[weights.bin]')
    counter.take()
    expect(await session.fetchAsset('model/model:V1[weights.bin]')).toBe(path)
    expect(counter.take()).toEqual({ PUT: 0, GET: 0, HEAD: 0, LIST: 0, DELETE: 0 })
  })

  test('accepts what is pushed from a folder, once, and pushes it to another folder', async () => {
    const { logIn } = await openFresh()
    const bucket = await logIn()
    const openFolder = async () => login({ store: await temporaryFolder(), experiment: 'tests', quiet: true })
    const [plane, office] = [await openFolder(), await openFolder()]
    const contents = [noise(1), noise(2)]
    for (const content of contents) {
      const artifact = new Artifact('sample', 'dataset')
      await artifact.add(content, { name: 'a' })
      await plane.uploadArtifact(artifact, { experiment: 'tests' })
    }
    const first = await Promise.all([1, 2, 3].map(() => plane.pushAll('dataset/sample', { to: bucket })))
    for (const result of first) expect(result.map(({ tag }) => tag)).toEqual(['V1', 'V2'])
    expect(await bucket.listVersions('sample', 'dataset')).toHaveLength(2)
    const again = await bucket.pushAll('dataset/sample', { to: plane })
    expect(again.map(({ tag, created }) => [tag, created])).toEqual([
      ['V1', false],
      ['V2', false],
    ])
    await bucket.pushAll('dataset/sample', { to: office })
    for (const [index, content] of contents.entries()) {
      const tag = `V${index + 1}`
      const stored = await office.getArtifact('sample', 'dataset', tag, { experiment: 'tests' })
      expect(content.equals(await stored.entry('a').bytes())).toBe(true)
    }
    const [newest] = await office.listVersions('sample', 'dataset', { experiment: 'tests' })
    expect(newest?.origin).toMatchObject({ storeId: plane.storeId, tag: 'V2' })
  })

  test('a bucket that does not exist is reported as such', async () => {
    const host = store.replace(/^s3:\/\/[^/?]+/, `s3://${randomUUID()}`)
    const { message } = await errorOf('store_unavailable', login({ store: host, quiet: true }))
    expect(message).toContain('NoSuchBucket')
    expect(message).toContain('create the bucket first')
  })

  test('wrong credentials are reported as such, without repeating them', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-the-right-one')
    const host = store.replace('?', `/${randomUUID()}?`)
    const { message } = await errorOf('store_unavailable', login({ store: host, quiet: true }))
    expect(message).toContain('check the credentials')
    expect(message).not.toContain('not-the-right-one')
  })
})

describe.runIf(rclone !== undefined)('what rclone shows as a bucket', () => {
  test('is refused, unless a single process writes', async () => {
    const host = rclone?.replace('?', `/${randomUUID()}?`) ?? ''
    await errorOf('store_unsuitable', login({ store: host, quiet: true }))
    const session = await login({ store: `${host}&exclusiveWriter=true`, quiet: true })
    await session.init({ experiment: 'tests' })
    const contents = [noise(1), noise(2)]
    for (const content of contents) {
      const artifact = new Artifact('sample', 'dataset')
      await artifact.add(content, { name: 'a' })
      await session.uploadArtifact(artifact)
    }
    for (const [index, content] of contents.entries()) {
      const stored = await session.getArtifact('sample', 'dataset', `V${index + 1}`)
      expect(content.equals(await stored.entry('a').bytes())).toBe(true)
    }
  })
})

test('a bucket that cannot be reached is reported within seconds', { timeout: 30_000 }, async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  const host = 's3://bucket/prefix?endpoint=http://127.0.0.1:1'
  const { message } = await errorOf('store_unavailable', login({ store: host, quiet: true }))
  expect(message).toContain('the bucket s3://bucket/prefix at http://127.0.0.1:1')
  expect(message).toContain('ECONNREFUSED')
})

test('a misspelled address of a bucket is reported at login', async () => {
  const { message } = await errorOf(
    'option_invalid',
    login({ store: 's3://bucket?endpiont=http://a', quiet: true }),
  )
  expect(message).toContain('endpiont')
})

/** Ten thousand bytes that do not repeat. */
function noise(seed: number): Buffer {
  const bytes = Buffer.alloc(10_000)
  for (let index = 0; index < bytes.length; index += 4)
    bytes.writeUInt32LE(Math.imul(seed * 2_500 + index, 2_654_435_761) >>> 0, index)
  return bytes
}
