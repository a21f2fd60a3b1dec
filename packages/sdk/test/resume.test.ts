import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { startMockServer, type MockServer } from '@trackway/mock-server'
import { createApp } from '@trackway/server'
import { openDirectoryStore, serve } from '@trackway/server/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login, type UploadResult } from '../src/index.ts'
import { errorOf, noise, temporaryFolder, writeFiles } from './test-server.ts'

const MiB = 1024 * 1024

/** A client in a process of its own. It is gone with the test. */
function startClient(host: string, apiKey: string, words: string[]): ChildProcess {
  const child = fork(new URL('resume-process.ts', import.meta.url), words, {
    env: { ...process.env, TRACKWAY_HOST: host, TRACKWAY_API_KEY: apiKey },
    execArgv: ['--conditions=@trackway/source'],
    timeout: 60_000,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The client ended with ${code} before it answered`)
    }),
  ])
  return answer
}

/** Bytes of all blobs in a store into which nobody writes any more. */
async function storedBytes(folder: string): Promise<number> {
  const blobs = join(folder, 't', 'default', 'b')
  const names = await readdir(blobs, { recursive: true })
  expect(names.filter((name) => name.includes('~'))).toEqual([])
  const facts = await Promise.all(names.map((name) => stat(join(blobs, name))))
  return facts.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0)
}

test('after an upload was killed, a repeated one sends only what had not arrived', {
  timeout: 60_000,
}, async () => {
  const folder = await temporaryFolder()
  const store = join(folder, 'store')
  let child: ChildProcess | undefined
  let answered = 0
  const app = await createApp({
    store: await openDirectoryStore(store),
    access: { user: 'tester' },
    onRequest({ method, path, status }) {
      if (method === 'POST' && path.endsWith('/blobs') && status === 200) answered += 1
      if (answered === 4) child?.kill('SIGKILL')
    },
  })
  let underWay = 0
  const counting = async (request: Request) => {
    underWay += 1
    return app.fetch(request).finally(() => (underWay -= 1))
  }
  const server = await serve({ app: { fetch: counting }, port: 0 })
  onTestFinished(() => server.close())
  const data = join(folder, 'data')
  const small = Array.from(
    { length: 500 },
    (_, index) => [`small/${index}`, noise(20_000, index + 1)] as const,
  )
  await writeFiles(data, { ...Object.fromEntries(small), large: noise(90 * MiB, 7) })

  child = startClient(server.url, '', ['upload', data])
  await once(child, 'exit')
  answered = -Infinity
  // The server is still storing what had arrived when the client died.
  const arrived = await vi.waitFor(() => {
    expect(underWay).toBe(0)
    return storedBytes(store)
  })
  expect(arrived).toBeGreaterThan(16 * MiB)

  const total = 90 * MiB + 500 * 20_000
  expect(arrived).toBeLessThan(total)
  const result = (await answerOf(startClient(server.url, '', ['upload', data]))) as UploadResult
  expect(result).toMatchObject({ tag: 'V1', fileCount: 501, size: total, uploadedBytes: total - arrived })
  expect(await storedBytes(store)).toBe(total)
})

test('after a download was killed, a repeated one fetches only what is missing', {
  timeout: 60_000,
}, async () => {
  const mock = await startMockServer()
  onTestFinished(() => mock.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  const artifact = new Artifact('sample', 'dataset')
  const large = Buffer.from(noise(60 * MiB, 7))
  await artifact.add(large, { name: 'large' })
  for (let index = 0; index < 40; index += 1)
    await artifact.add(noise(400_000, index + 100), { name: `small/${index}` })
  await session.uploadArtifact(artifact, { experiment: 'resume' })

  const target = join(await temporaryFolder(), 'target')
  const fetched = () => mock.requests.filter(({ path, status }) => path.includes('/blobs/') && status === 200)
  mock.faults.add({ method: 'GET', path: '/blobs/', delayMs: 20, times: 1000 })
  const child = startClient(mock.url, mock.apiKey, ['download', target])
  await vi.waitFor(() => expect(fetched().length).toBeGreaterThan(40), { timeout: 30_000, interval: 5 })
  child.kill('SIGKILL')
  await once(child, 'exit')
  mock.faults.clear()
  const before = mock.requests.length
  const parent = join(target, '..')
  const [leftover = '', ...others] = await readdir(parent)
  expect(leftover).toMatch(/^target\.trackway-[0-9a-f]{12}$/)
  expect(others).toEqual([])
  const kept = await readFile(join(parent, leftover, 'content', 'large'))

  await answerOf(startClient(mock.url, mock.apiKey, ['download', target]))
  expect(Buffer.from(await readFile(join(target, 'large'))).equals(large)).toBe(true)
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
  expect(await readdir(parent)).toEqual(['target'])
  const all = new Set(fetched().map(({ path }) => path))
  const again = fetched().filter((request) => mock.requests.indexOf(request) >= before)
  expect(again.length).toBeLessThan(all.size)
  expect(again.length).toBeGreaterThan(0)
  const chunks = await Promise.all(again.map(({ path }) => blobAt(mock, path)))
  const ofLarge = chunks.filter((chunk) => large.includes(chunk))
  expect(ofLarge.length).toBeGreaterThan(0)
  expect(ofLarge.filter((chunk) => kept.includes(chunk))).toEqual([])
})

async function blobAt(mock: MockServer, path: string): Promise<Buffer> {
  const response = await fetch(new URL(path, mock.url), {
    headers: { authorization: `Bearer ${mock.apiKey}` },
  })
  return Buffer.from(await response.arrayBuffer())
}

/** The files of a folder and the sockets that this process has open. */
function openHandles(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`)
      return target.startsWith(folder) ? [target] : []
    } catch {
      return [] // Closed since it was listed.
    }
  })
}

test.runIf(process.platform === 'linux')(
  'an abort ends a transfer at once and leaves no handle open',
  async () => {
    const mock = await startMockServer()
    onTestFinished(() => mock.close())
    const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
    await session.init({ experiment: 'abort', quiet: true })
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'large'), noise(100 * MiB, 3))
    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(folder)
    const stop = new AbortController()
    const uploading = session.uploadArtifact(artifact, { signal: stop.signal })
    // The code for uploads is loaded first, which is slow on a busy machine.
    await vi.waitFor(() => expect(mock.requests.some(({ path }) => path.endsWith('/blobs'))).toBe(true), {
      timeout: 30_000,
      interval: 1,
    })
    const begin = performance.now()
    stop.abort()
    await errorOf('aborted', uploading)
    expect(performance.now() - begin).toBeLessThan(5000)
    expect(openHandles(folder)).toEqual([])

    await session.uploadArtifact(artifact)
    const stored = await session.getArtifact('sample', 'dataset', 'V1')
    const again = new AbortController()
    const target = join(folder, 'target')
    const downloading = stored.download(target, {
      signal: again.signal,
      onProgress: ({ bytes }) => bytes > 10 * MiB && again.abort(),
    })
    await errorOf('aborted', downloading)
    expect(openHandles(folder)).toEqual([])
    // The next download takes over what was fetched, and leaves nothing else behind.
    expect((await readdir(folder)).filter((name) => name.startsWith('target.trackway-'))).toHaveLength(1)
    const before = mock.requests.length
    await stored.download(target)
    const fetched = mock.requests.slice(before).filter(({ path }) => path.includes('/blobs/'))
    const blobs = new Set(
      mock.requests.filter(({ path }) => path.includes('/blobs/')).map(({ path }) => path),
    )
    expect(fetched.length).toBeLessThan(blobs.size)
    expect((await readdir(folder)).sort()).toEqual(['large', 'target'])
    expect(await artifact.verify(target)).toMatchObject({ ok: true })
  },
)

test('correct leftovers of a download are used, whatever else they contain', async () => {
  const mock = await startMockServer()
  onTestFinished(() => mock.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  const large = noise(9 * MiB, 4)
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(large, { name: 'large' })
  await artifact.add(noise(1000, 5), { name: 'right' })
  await artifact.add(noise(1000, 6), { name: 'wrong' })
  await artifact.add(noise(1000, 7), { name: 'a/b' })
  await session.uploadArtifact(artifact, { experiment: 'resume' })
  const target = join(await temporaryFolder(), 'target')
  const damaged = large.slice()
  damaged[100] = (damaged[100] ?? 0) ^ 1
  await writeFiles(`${target}.trackway-${'1'.repeat(12)}/content`, {
    large: damaged,
    right: noise(1000, 5),
    wrong: noise(1000, 9),
    a: 'a file where a folder has to be',
    'right.bak': 'not of this version',
  })
  const before = mock.requests.length
  const stored = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'resume' })
  await stored.download(target)
  expect(await stored.verify(target)).toMatchObject({ ok: true })
  // The first chunk of the large file, and the bundle.
  expect(mock.requests.slice(before).filter(({ path }) => path.includes('/blobs/'))).toHaveLength(2)
  expect(await readdir(join(target, '..'))).toEqual(['target'])
})

test('after a download was killed after its last step, the next one removes its leftovers, and nothing else', async () => {
  const mock = await startMockServer()
  onTestFinished(() => mock.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new Uint8Array(10), { name: 'a' })
  await session.uploadArtifact(artifact, { experiment: 'resume' })
  const parent = await temporaryFolder()
  const target = join(parent, 'target')
  const stored = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'resume' })
  await stored.download(target)
  const [dead, living] = ['1', '2'].map((digit) => `${target}.trackway-${digit.repeat(12)}`)
  const owner = (pid: number) => JSON.stringify({ host: hostname(), pid })
  const { pid: noPid } = spawnSync('true')
  await writeFiles(dead ?? '', { owner: owner(noPid), 'replaced/a': 'old' })
  await writeFiles(living ?? '', { owner: owner(process.pid) })
  await writeFiles(parent, { 'target.trackway-notes': 'mine' })
  await stored.download(target)
  expect((await readdir(parent)).toSorted()).toEqual([
    'target',
    `target.trackway-${'2'.repeat(12)}`,
    'target.trackway-notes',
  ])
})
