import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A running process. */
export interface Running {
  child: ChildProcess
  /** Whether it prints `begin` when it has logged in. */
  announces: boolean
  output(): string
  /** The exit code; null if it was killed. */
  ended: Promise<number | null>
  /** Resolves when it has printed this, or has ended. */
  printed(text: string): Promise<void>
  kill(): void
}

/** Options for starting a process. */
export interface StartOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Whether it prints `begin` when it has logged in. */
  announces?: boolean
  /** Whether it runs with the lowest priority. */
  isLast?: boolean
}

const bin = fileURLToPath(new URL('../../packages/server/bin/trackway-server.js', import.meta.url))
const endWithParent = new URL('end-with-parent.ts', import.meta.url).href

/** Starts the command `trackway-server`. */
export function startCommand(...words: string[]): Running {
  return start([bin, ...words])
}

/** A server that listens, with its key if it has just created one. */
export interface RunningServer extends Running {
  url: string
  key: string | undefined
}

/** Options for starting a server. */
export interface ServerOptions {
  /** Default: a free one. */
  port?: number
  /** The limit of V8's heap in MiB. Default: V8's own. */
  heap?: number
}

export async function startServer(
  data: string,
  { port = 0, heap }: ServerOptions = {},
): Promise<RunningServer> {
  const flags = heap === undefined ? [] : [`--max-old-space-size=${heap}`]
  // As `serve` sets it for itself, unless its parent has a channel to it.
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: '32768' }
  const running = start([...flags, bin, 'serve', '--store', data, '--port', String(port)], { env })
  await running.printed('is listening on')
  const url = /listening on (\S+)/.exec(running.output())?.[1]
  if (url === undefined) throw new Error(`The server did not start: ${running.output()}`)
  return { ...running, url, key: /API key \(shown once\): (tw_\S+)/.exec(running.output())?.[1] }
}

/** Starts a Node program that ends when this process does. */
export function start(
  words: string[],
  { announces = false, isLast = false, ...options }: StartOptions = {},
): Running {
  const [command = '', ...all] = [
    ...(isLast ? ['nice', '-n', '19'] : []),
    process.execPath,
    '--import',
    endWithParent,
    ...words,
  ]
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...options })
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

/** Parses the last line of a process. Throws if the process fails. */
export async function resultOf(running: Running): Promise<unknown> {
  const code = await running.ended
  if (code !== 0) throw new Error(`A process ended with ${code}: ${running.output()}`)
  return JSON.parse(running.output().trimEnd().split('\n').at(-1) ?? 'null')
}
