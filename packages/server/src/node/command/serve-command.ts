import { setFlagsFromString } from 'node:v8'
import { TrackwayError } from '@trackway/protocol'
import { InvalidArgumentError, type Command } from 'commander'
import { createApiKey, hasApiKeys } from '../../auth/api-keys.ts'
import { createApp, type RequestEvent } from '../../http/create-app.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { openData } from '../open-data.ts'
import { isLoopback, loopbackHosts, serve } from '../serve.ts'

interface ServeFlags {
  data: string
  port: number
  host: string
  allowedHost?: string[]
  allowedOrigin?: string[]
  /** False for `--no-signed-urls`. */
  signedUrls: boolean
  verbose?: true
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'Serve a folder or a bucket on a port until SIGTERM or SIGINT, then finish what is in flight.',
    )
    .requiredOption(
      '--data <place>',
      'where everything is stored: a folder, made when it does not exist, or a bucket: s3://bucket/prefix?endpoint=…&region=…',
    )
    .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort, 9111)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allowed-host <name...>', 'names that the server answers under (default: on loopback, its own)')
    .option(
      '--allowed-origin <origin...>',
      'origins whose pages may use the server from a browser, such as https://app.example.org, or * for all (default: none)',
    )
    .option(
      '--no-signed-urls',
      'let all bytes pass through the server, also where clients could reach the store',
    )
    .option('--verbose', 'write a line for each request')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  trackway-server serve --data ./data',
        "  trackway-server serve --data 's3://bucket/prefix?region=eu-central-1'",
        '  trackway-server serve --data /srv/trackway --host 0.0.0.0 --port 80',
        '  trackway-server serve --data ./data --allowed-origin http://localhost:5173',
      ].join('\n'),
    )
    .action(runServe)
}

async function runServe({ data, port, host, verbose, ...flags }: ServeFlags): Promise<void> {
  tuneMemory()
  const problems: string[] = []
  const store = await openData(data, {
    signing: flags.signedUrls,
    onProblem: (problem) => void problems.push(problem),
  })
  const hosts = flags.allowedHost ?? (isLoopback(host) ? loopbackHosts : undefined)
  const app = await createApp({
    store,
    ...(hosts && { hosts }),
    origins: flags.allowedOrigin ?? [],
    onRequest: (event) => report(event, verbose === true),
  })
  for (const problem of problems) tellOfSigning(problem)
  await requireKey(store, host)
  const server = await serve({ app, port, host })
  process.stdout.write(`Serving ${store.description}\n`)
  // The very words are what scripts wait for.
  process.stdout.write(`Trackway is listening on ${server.url}\n`)
  await untilStopped()
  await server.close()
}

/** No failure: clients send and fetch through the server what they cannot at the store. */
function tellOfSigning(problem: string): void {
  process.stderr.write(`${problem}. Blobs pass through the server instead.\n`)
}

/**
 * Bodies come in many buffers of 64 KiB, which count for V8's collector. A small space for young objects frees them soon:
 * while a file of 4 GiB came and went, the server held 177 MiB at most instead of 250. And with room for four times
 * what is alive, the most that V8 gives itself, it looked through the heap 27 times for 2 GiB instead of 100 times.
 */
function tuneMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=300')
}

/** The first start makes a key that may do everything. A store without one is never open to other machines. */
async function requireKey(store: ObjectStore, host: string): Promise<void> {
  if (await hasApiKeys(store)) return
  if (!isLoopback(host)) {
    throw new TrackwayError(
      'config_invalid',
      `The store has no API key yet, and ${host} can be reached from other machines; make a key first: trackway-server keys add --data <place> --user <name> --team '*' --role admin`,
    )
  }
  const { key } = await createApiKey(store, {
    user: 'admin',
    roles: { '*': 'admin' },
    note: 'made at the first start',
  })
  process.stdout.write(`API key (shown once): ${key}\n`)
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}

function report(
  { requestId, method, path, status, durationMs, error }: RequestEvent,
  verbose: boolean,
): void {
  if (!verbose && status < 500) return
  const reason = error instanceof Error && status >= 500 ? ` ${error.stack ?? error.message}` : ''
  process.stderr.write(
    `${new Date().toISOString()} ${requestId} ${method} ${path} ${status} ${durationMs.toFixed(1)} ms${reason}\n`,
  )
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}
