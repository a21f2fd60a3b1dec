import { setFlagsFromString } from 'node:v8'
import { isError, TrackwayError } from '@trackway/protocol'
import { countApiKeys, createApiKey, hasApiKeys } from '../../auth/api-keys.ts'
import type { RequestEvent } from '../../http/app-options.ts'
import { createApp, type App } from '../../http/create-app.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { openObjectStore } from '../open-object-store.ts'
import { readInTurns } from '../few-in-a-turn.ts'
import { countOf } from './count-of.ts'
import { giveMemoryBack } from './give-memory-back.ts'
import { describeQuotas, quotasOf, type QuotaFlag } from './quota-options.ts'
import { isMissingFolder } from './store-option.ts'
import { isLoopback, loopbackHosts, serve } from '../serve.ts'

/** The options of the command `serve`. */
export interface ServeFlags {
  store: string
  port: number
  host: string
  allowedHost?: string[]
  allowedOrigin?: string[]
  /** False for `--no-presigned-urls`. */
  presignedUrls: boolean
  teamQuota?: QuotaFlag
  keyQuota?: QuotaFlag
  verbose?: true
}

/**
 * Serves until SIGTERM, SIGINT or SIGHUP, then finishes requests in flight. Stores nothing before it has the
 * port.
 */
export async function runServe(flags: ServeFlags): Promise<void> {
  const { port, host } = flags
  tuneMemory()
  giveMemoryBack()
  const prepared: string[] = []
  const server = await serve({ app: () => prepare(flags, prepared), port, host })
  // Scripts wait for exactly these words.
  process.stdout.write(`${prepared.join('')}Trackway is listening on ${server.url}\n`)
  await untilStopped()
  await server.close()
}

/** Opens the store, creates the app that serves it, and returns lines for the operator. */
async function prepare(
  { store: location, host, verbose, ...flags }: ServeFlags,
  said: string[],
): Promise<App> {
  if (!isLoopback(host)) await demandKey(location, host)
  const store = await openObjectStore(location, { signing: flags.presignedUrls, onProblem: tellOfSigning })
  const hosts = flags.allowedHost ?? (isLoopback(host) ? loopbackHosts : undefined)
  const quotas = quotasOf(flags.teamQuota, flags.keyQuota)
  const app = await createApp({
    store: readInTurns(store),
    ...(hosts && { hosts }),
    origins: flags.allowedOrigin ?? [],
    quotas,
    onRequest: (event) => report(event, verbose === true),
    onBroken: reportBroken,
  })
  said.push(`Serving ${store.description}\n`, ...describeQuotas(quotas ?? {}), await describeKeys(store))
  for (const id of Object.keys(quotas?.keys ?? {}))
    if (!(await hasApiKeys(store, id)))
      process.stderr.write(`No API key has the id ${id}; its quota has no effect.\n`)
  return app
}

/** Not a failure: clients send and fetch through the server what they cannot send or fetch at the store. */
function tellOfSigning(problem: string): void {
  process.stderr.write(`${problem}. Blobs pass through the server instead.\n`)
}

/**
 * Bodies arrive in many buffers of 64 KiB, which count for V8's collector. A small young generation frees
 * them soon: while a file of 4 GiB was uploaded and downloaded, the server held at most 177 MiB instead of
 * 250. With a heap that may grow to four times what is alive, V8's maximum, 2 GiB took 27 collections of the
 * whole heap instead of 100.
 */
function tuneMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=300')
}

/** A store without a key is never served to other machines. */
async function demandKey(location: string, host: string): Promise<void> {
  if (!isMissingFolder(location) && (await hasApiKeys(await openObjectStore(location)))) return
  throw new TrackwayError(
    'config_invalid',
    `The store has no API key yet, and other machines can reach ${host}; create a key first: trackway-server keys add --create --store <store> --user <name> --team '*' --role admin`,
  )
}

/** Tells how many keys exist. The first start creates one with all permissions. */
async function describeKeys(store: ObjectStore): Promise<string> {
  const count = await countApiKeys(store)
  if (count > 0)
    return `${countOf(count, 'API key')}; create another with trackway-server keys add --store <store>\n`
  const { key } = await createApiKey(store, {
    user: 'admin',
    roles: { '*': 'admin' },
    name: 'created at the first start',
  })
  return `API key (shown once): ${key}\n`
}

/** The client sees that its connection breaks; this line tells the operator why. */
function reportBroken({ requestId, method, path, error }: RequestEvent): void {
  process.stderr.write(
    `${new Date().toISOString()} ${requestId} ${method} ${path} was cut off: ${String(error)}\n`,
  )
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

function report(
  { requestId, method, path, status, durationMs, error }: RequestEvent,
  verbose: boolean,
): void {
  if (!verbose && status < 500) return
  const reason = status >= 500 ? ` ${reasonOf(error)}` : ''
  process.stderr.write(
    `${new Date().toISOString()} ${requestId} ${method} ${path} ${status} ${durationMs.toFixed(1)} ms${reason}\n`,
  )
}

/** The cause of a failure is worth a look, except for the place where a quota was found to be used up. */
function reasonOf(error: unknown): string {
  if (!isError(error)) return ''
  const isQuota = TrackwayError.hasCode(error, 'quota_exceeded')
  return isQuota ? error.message : (error.stack ?? error.message)
}
