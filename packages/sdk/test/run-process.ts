// A script that begins a run, logs without waiting, and ends in the way that it is called with.
import { spawnSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { login, type Run, type Session } from '../src/index.ts'

const [address = '', ending = '', name = ''] = process.argv.slice(2)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const endings: Record<string, (run: Run, session: Session) => unknown> = {
  natural() {},
  exit0: () => process.exit(0),
  exit3: () => process.exit(3),
  exitCode: () => void (process.exitCode = 3),
  throw() {
    throw new Error('the loss is gone')
  },
  async reject() {
    void Promise.reject(new Error('the loss is gone'))
    await pause(60_000)
  },
  async handled() {
    process.on('uncaughtException', () => {})
    setTimeout(() => {
      throw new Error('this is expected')
    })
    await pause(10)
  },
  async finished(run) {
    await run.finish()
    process.exit(1)
  },
  async using(_, session) {
    await using run = await session.init({ experiment: 'ends', run: `${name}-block` })
    await run.log({ loss: 1 })
    throw new Error('the loss is gone')
  },
  async wait() {
    await pause(100)
    writeSync(1, 'ready\n')
    await pause(60_000)
  },
  busy(run) {
    const readyAt = performance.now() + 1_500
    let isReady = false
    for (;;) {
      void run.log({ busy: 1 })
      if (!isReady && performance.now() > readyAt) {
        isReady = true
        writeSync(1, 'ready\n')
      }
    }
  },
  async ownHandler(run) {
    await pause(100)
    process.once('SIGINT', () => void run.finish().then(() => process.exit(7)))
    writeSync(1, 'ready\n')
    await pause(60_000)
  },
  async worker() {
    const argv = [address, 'exit0', `${name}-worker`]
    const worker = new Worker(new URL(import.meta.url), { argv, execArgv: process.execArgv })
    await new Promise((resolve) => worker.once('exit', resolve))
    await pause(10)
  },
  child() {
    const options = [...process.execArgv, process.argv[1] ?? '', address]
    spawnSync(process.execPath, [...options, 'throw', `${name}-child`])
  },
  async several(first, session) {
    await first.finish()
    for (const number of [2, 3]) {
      const next = await session.init({ experiment: 'ends', run: `${name}-${number}` })
      for (let step = 0; step < 499; step += 1) void next.log({ loss: step })
      await pause(1_000) // As long as another process may take to believe that this one is over.
      void next.log({ loss: 499 })
      await next.finish()
    }
  },
}

const isServer = address.startsWith('http')
const session = await login(isServer ? { host: address, apiKey: 'tw_mock' } : { store: address })
const run = await session.init({ experiment: 'ends', run: name })
if (isServer) await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'uncategorized' })
for (let step = 0; step < 500; step += 1) void run.log({ loss: step })
await endings[ending]?.(run, session)
