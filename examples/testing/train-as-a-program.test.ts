// Runs the script as its own process, against a mock on a port. This works for programs in any language.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startMockServer, type MockServer } from '@trackway/mock-server'
import { login } from '@trackway/sdk'
import { expect, test } from 'vitest'

const script = join(import.meta.dirname, 'train.ts')
const points = JSON.stringify([0, 1, 2, 3].map((x) => ({ x, y: 2 * x + 1 })))

function runScript(mock: MockServer) {
  const env = { ...process.env, TRACKWAY_HOST: mock.url, TRACKWAY_API_KEY: mock.apiKey }
  return promisify(execFile)(process.execPath, [script], { env, timeout: 30_000 })
}

test('the script trains although requests fail, and prints the version that it made', async () => {
  await using mock = await startMockServer()
  await mock.seed({ 'dataset/points': { 'points.json': points } }, { experiment: 'lines' })
  mock.faults.add({ method: 'POST', path: /\/blobs$/, status: 503, times: 2 })
  mock.faults.add({ method: 'POST', path: /\/versions$/, drop: 'after' })

  expect((await runScript(mock)).stdout).toBe('The line is V1\n')
  expect(mock.requests.filter(({ status }) => status === 503 || status === 0)).toHaveLength(3)
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true })
  const model = await session.getArtifact('line', 'model', 'latest', { experiment: 'lines' })
  expect(await model.entry('line.json').json()).toEqual({ slope: 2, offset: 1 })
})

test('the script fails with an error that says what to do if its key was revoked', async () => {
  await using mock = await startMockServer()
  mock.faults.add({ code: 'unauthorized', times: Infinity })
  const failure: unknown = await runScript(mock).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('TRACKWAY_API_KEY') })
})
