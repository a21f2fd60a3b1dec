import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

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

/** How a process is started. */
export interface StartOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Whether it prints `begin` when it has logged in. */
  announces?: boolean
  /** Whether everything else on this machine goes before it. */
  isLast?: boolean
}

const bin = fileURLToPath(new URL('../../packages/server/bin/trackway-server.js', import.meta.url))
const endWithParent = new URL('end-with-parent.ts', import.meta.url).href

/** The command `trackway-server`. */
export function startCommand(...words: string[]): Running {
  return start([bin, ...words])
}

/** A server that listens, and its key where it has just made one. */
export interface RunningServer extends Running {
  url: string
  key: string | undefined
}

/** How a server is started. */
export interface ServerOptions {
  /** Default: a free one. */
  port?: number
  /** MiB of V8's heap. Default: what V8 gives itself. */
  heap?: number
}

export async function startServer(
  data: string,
  { port = 0, heap }: ServerOptions = {},
): Promise<RunningServer> {
  const flags = heap === undefined ? [] : [`--max-old-space-size=${heap}`]
  const running = start([...flags, bin, 'serve', '--store', data, '--port', String(port)])
  await running.printed('is listening on')
  const url = /listening on (\S+)/.exec(running.output())?.[1]
  if (url === undefined) throw new Error(`The server did not start: ${running.output()}`)
  return { ...running, url, key: /API key \(shown once\): (tw_\S+)/.exec(running.output())?.[1] }
}

/** A program of Node that ends when this process does. */
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

/** What a process that is to succeed printed last, parsed. */
export async function resultOf(running: Running): Promise<unknown> {
  const code = await running.ended
  if (code !== 0) throw new Error(`A process ended with ${code}: ${running.output()}`)
  return JSON.parse(running.output().trimEnd().split('\n').at(-1) ?? 'null')
}
