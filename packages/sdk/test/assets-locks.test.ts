import { fork } from 'node:child_process'
import { once } from 'node:events'
import { access, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { login } from '../src/index.ts'
import { blobRequests, startCableServer, uploadVersion, useAssetsDirectory } from './assets-server.ts'
import { errorOf, noise } from './test-server.ts'

useAssetsDirectory()

test('a process that comes while another fetches waits, and uses what that one fetched', async () => {
  const server = startCableServer()
  const session = await server.login({ retry: {} })
  await uploadVersion(session, { a: '1', large: noise(300_000) })
  const gate = Promise.withResolvers<void>()
  const fetching = new Promise<void>((resolve) => {
    server.before = async (request) => {
      if (!request.url.includes('/blobs/')) return
      resolve()
      await gate.promise
    }
  })
  const first = session.fetchAsset('dataset/sample:V1')
  await fetching
  const others = [await server.login(), await server.login()].map((other) =>
    other.fetchAsset('dataset/sample:V1'),
  )
  await errorOf('aborted', session.fetchAsset('dataset/sample:V1', { signal: AbortSignal.timeout(50) }))
  gate.resolve()
  const folder = await first
  expect(await Promise.all(others)).toEqual([folder, folder])
  const fetched = blobRequests(server.requests)
  expect(new Set(fetched).size).toBe(fetched.length)
  await expect(access(`${folder}.lock`)).rejects.toThrow('ENOENT')
})

test('a process that is killed while it fetches does not keep others waiting', async () => {
  const mock = await startMockServer()
  onTestFinished(() => mock.close())
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  await uploadVersion(session, { a: noise(300_000) })
  const folder = await session.fetchAsset('dataset/sample:V1')
  await rm(folder, { recursive: true })
  const before = mock.requests.length
  mock.faults.add({ method: 'GET', path: '/blobs/', delayMs: 5_000, times: 1 })
  const child = fork(new URL('fetch-asset-process.ts', import.meta.url), ['dataset/sample:V1'], {
    env: { ...process.env, TRACKWAY_HOST: mock.url, TRACKWAY_API_KEY: mock.apiKey },
    execArgv: ['--conditions=@trackway/source'],
    timeout: 15_000,
  })
  const gone = once(child, 'exit')
  const isFetching = () =>
    expect(mock.requests.slice(before).some(({ path }) => path.includes('/blobs/'))).toBe(true)
  await vi.waitFor(isFetching, { timeout: 10_000, interval: 10 })
  child.kill('SIGKILL')
  await gone
  await access(`${folder}.lock`)
  // A holder without a heartbeat is given up after a minute; this one is known to be dead.
  expect(await session.fetchAsset('dataset/sample:V1')).toBe(folder)
  expect(Buffer.from(await readFile(join(folder, 'a'))).equals(noise(300_000))).toBe(true)
  await expect(access(`${folder}.lock`)).rejects.toThrow('ENOENT')
})
