import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order } from './order.ts'
import type { WriterOrder } from './writer.ts'

/** A process that was started. */
export interface Running {
  child: ChildProcess
  /** Whether it prints `begin` when it has logged in. */
  announces: boolean
  output(): string
  /** The exit code; null where it was killed. */
  ended: Promise<number | null>
  /** Resolves when it has printed this, or has ended. */
  printed(text: string): Promise<void>
  kill(): void
}

const bin = fileURLToPath(new URL('../../packages/server/bin/trackway-server.js', import.meta.url))
const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
const writer = fileURLToPath(new URL('writer.ts', import.meta.url))
const endWithParent = new URL('end-with-parent.ts', import.meta.url).href

export function startWorker(order: Order, { cwd, cache }: { cwd: string; cache: string }): Running {
  return start([worker, JSON.stringify(order)], true, { cwd, env: { ...process.env, XDG_CACHE_HOME: cache } })
}

/** Writers that go on until they are sent `stop`. */
export function startWriters(order: WriterOrder, { cache }: { cache: string }): Running {
  return start([writer, JSON.stringify(order)], true, { env: { ...process.env, XDG_CACHE_HOME: cache } })
}

/** The command `trackway-server`. */
export function startCommand(...words: string[]): Running {
  return start([bin, ...words], false, {})
}

/** A server that listens, and its key where it has just made one. */
export interface RunningServer extends Running {
  url: string
  key: string | undefined
}

export async function startServer(data: string, port = 0): Promise<RunningServer> {
  const running = startCommand('serve', '--data', data, '--port', String(port))
  await running.printed('is listening on')
  const url = /listening on (\S+)/.exec(running.output())?.[1]
  if (url === undefined) throw new Error(`The server did not start: ${running.output()}`)
  return { ...running, url, key: /API key \(shown once\): (tw_\S+)/.exec(running.output())?.[1] }
}

function start(
  words: string[],
  announces: boolean,
  options: { cwd?: string; env?: NodeJS.ProcessEnv },
): Running {
  const all = ['--import', endWithParent, ...words]
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...options })
  if (child.stdout === null || child.stderr === null) throw new Error('A process was started without pipes')
  const { stdout, stderr } = child
  let text = ''
  for (const stream of [stdout, stderr]) stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
  const ended = once(child, 'close').then(() => child.exitCode)
  return {
    child,
    announces,
    output: () => text,
    ended,
    async printed(wanted) {
      while (!text.includes(wanted) && child.exitCode === null && child.signalCode === null)
        await Promise.race([once(stdout, 'data'), once(stderr, 'data'), ended])
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** What a process that is to succeed printed last, parsed. */
export async function resultOf(running: Running): Promise<unknown> {
  const code = await running.ended
  if (code !== 0) throw new Error(`A process ended with ${code}: ${running.output()}`)
  return JSON.parse(running.output().trimEnd().split('\n').at(-1) ?? 'null')
}
