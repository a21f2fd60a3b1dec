import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { startMockServer } from '@trackway/mock-server'
import { login } from '@trackway/sdk'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { exampleCommands, newcomer, readmeBlocks, root, runNode } from '../readme.ts'
import { features, penguinSchema } from '../train/penguins.ts'

const answerSchema = z.object({ species: z.string() })

/** Starts the service on a free port, and returns its URL once it listens. */
async function startService(words: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line]: unknown[] = await once(createInterface(child.stdout), 'line')
  const end = async () => {
    child.kill('SIGTERM')
    const [code]: unknown[] = await once(child, 'exit')
    return code
  }
  return { url: /http:\S+/.exec(String(line))?.[0] ?? '', end }
}

test('the service answers as the README shows, and starts with the network unplugged', async () => {
  const tracking = await startMockServer()
  onTestFinished(() => tracking.close())
  const { HOME, ...others } = await newcomer()
  const keys = { TRACKWAY_HOST: tracking.url, TRACKWAY_API_KEY: tracking.apiKey }
  const env = { ...others, TRACKWAY_STORE: undefined, ...keys, HOME, XDG_CACHE_HOME: join(HOME, 'volume') }
  const [preparation = '', requests = ''] = await readmeBlocks('serve', 'sh')
  const commands = exampleCommands(preparation)
  const service = commands.pop() ?? []
  let printed = ''
  for (const words of commands) printed = await runNode(words, env)
  expect(printed.trim()).toBe(service.at(-1)) // pin.ts prints the argument of the service.

  const online = await startService(service, env)
  const answers: string[] = []
  for (const line of requests.trim().split('\n')) {
    const command = line.replace('http://127.0.0.1:8080', online.url)
    answers.push(`${(await promisify(execFile)('bash', ['-c', command])).stdout}\n`)
  }
  const [shown] = await readmeBlocks('serve', 'text')
  expect(answers.join('')).toBe(shown)
  expect(await online.end()).toBe(0)

  const session = await login({ host: tracking.url, apiKey: tracking.apiKey, quiet: true })
  const model = await session.getArtifact('penguins', 'model', 'best', { experiment: 'penguins' })
  const dataset = await session.getArtifact('penguins', 'dataset', 'latest', { experiment: 'penguins' })
  const exam = z.array(penguinSchema).parse(await dataset.entry('exam.json').json())

  // The server is gone, and only the volume of the first machine is left.
  await tracking.close()
  const unplugged = { ...env, HOME: join(HOME, 'elsewhere') }
  const offline = await startService(service, unplugged)
  const health = await fetch(`${offline.url}/healthz`)
  expect(await health.json()).toEqual({ status: 'ok', model: 'model/penguins:V1' })
  expect(await offline.end()).toBe(0)

  // The service does not even try to connect: attempts would be counted.
  let connections = 0
  const listener = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await once(listener.listen(Number(new URL(tracking.url).port), '127.0.0.1'), 'listening')
  onTestFinished(() => void listener.close())
  const again = await startService(service, unplugged)
  const right = await Promise.all(
    exam.map(async (penguin) => {
      const measurements = Object.fromEntries(features.map((feature) => [feature, penguin[feature]]))
      const body = JSON.stringify(measurements)
      const answer = await fetch(`${again.url}/predict`, { method: 'POST', body })
      return answerSchema.parse(await answer.json()).species === penguin.Species
    }),
  )
  expect(right.filter(Boolean).length / exam.length).toBe(model.metadata['accuracy'])
  expect(await again.end()).toBe(0)
  expect(connections).toBe(0)
})

test.each([
  ['model/penguins:best', 'Pin a model by its tag'],
  ['model/penguins:V1', 'Invalid input'],
])('the service does not start with %s, which is not a pin or not a model', async (spec, reason) => {
  const tracking = await startMockServer()
  onTestFinished(() => tracking.close())
  await tracking.seed({ 'model/penguins': { 'model.json': '{"features":[]}' } }, { experiment: 'penguins' })
  const keys = { TRACKWAY_HOST: tracking.url, TRACKWAY_API_KEY: tracking.apiKey }
  const env = { ...(await newcomer()), TRACKWAY_STORE: undefined, ...keys }
  await expect(runNode(['examples/serve/serve.ts', spec], env)).rejects.toThrow(reason)
})
