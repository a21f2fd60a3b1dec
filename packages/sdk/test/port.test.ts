import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, onTestFinished, test } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf, temporaryFolder, writeFiles } from './test-server.ts'

const retry = { firstDelayMs: 1, maxDelayMs: 20, budgetMs: 10_000 }

test('over a real connection everything arrives, large and small, even if it is cut now and then', async () => {
  await using mock = await startMockServer()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true, retry })
  await session.init({ experiment: 'port' })
  const folder = await temporaryFolder()
  const small = Array.from({ length: 300 }, (_, index) => [`small/${index}.txt`, `content ${index}`] as const)
  await writeFiles(join(folder, 'data'), {
    ...Object.fromEntries(small),
    large: randomBytes(20 * 1024 * 1024),
    empty: '',
  })
  mock.faults.add({ method: 'POST', path: /\/blobs$/, drop: 'before', skip: 1 })
  mock.faults.add({ method: 'POST', path: /\/blobs$/, drop: 'after', skip: 1 })
  mock.faults.add({ method: 'GET', path: '/blobs/', drop: 1000, skip: 1 })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(join(folder, 'data'))
  expect(await session.uploadArtifact(artifact)).toMatchObject({ tag: 'V1', fileCount: 302 })
  const stored = await session.getArtifact('sample', 'dataset', 'V1')
  await stored.download(join(folder, 'target'))
  expect(await artifact.verify(join(folder, 'target'))).toMatchObject({ ok: true })
})

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

test('the key does not follow a redirect', async () => {
  let reached = 0
  const elsewhere = await listen(createServer((_, response) => void response.end(String((reached += 1)))))
  const url = await listen(
    createServer((_, response) => void response.writeHead(302, { location: elsewhere }).end()),
  )
  await errorOf('not_trackway', login({ host: url, apiKey: 'tw_secret', retry }))
  expect(reached).toBe(0)
})

test('a port on which nothing listens is reported as such', async () => {
  const server = createServer()
  const url = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  const error = await errorOf('network_error', login({ host: url, retry: { ...retry, budgetMs: 50 } }))
  expect(error.message).toContain('Is the server running')
})
