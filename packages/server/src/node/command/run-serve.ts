import { setFlagsFromString } from 'node:v8'
import { isError, TrackwayError } from '@trackway/protocol'
import { countApiKeys, createApiKey, hasApiKeys } from '../../auth/api-keys.ts'
import { createApp, type App, type RequestEvent } from '../../http/create-app.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { openObjectStore } from '../open-object-store.ts'
import { readInTurns } from '../few-in-a-turn.ts'
import { countOf } from './count-of.ts'
import { describeQuotas, quotasOf, type QuotaFlag } from './quota-options.ts'
import { isMissingFolder } from './store-option.ts'
import { isLoopback, loopbackHosts, serve } from '../serve.ts'

/** What the command `serve` takes. */
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

/** Serves until SIGTERM, SIGINT or SIGHUP, and finishes what is in flight. Until the port is taken nothing is made. */
export async function runServe(flags: ServeFlags): Promise<void> {
  const { port, host } = flags
  tuneMemory()
  const prepared: string[] = []
  const server = await serve({ app: () => prepare(flags, prepared), port, host })
  // The very words are what scripts wait for.
  process.stdout.write(`${prepared.join('')}Trackway is listening on ${server.url}\n`)
  await untilStopped()
  await server.close()
}

/** Opens the store and makes the app that serves it, and says what of that is worth saying. */
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

/** A store without a key is never open to other machines. */
async function demandKey(location: string, host: string): Promise<void> {
  if (!isMissingFolder(location) && (await hasApiKeys(await openObjectStore(location)))) return
  throw new TrackwayError(
    'config_invalid',
    `The store has no API key yet, and ${host} can be reached from other machines; make a key first: trackway-server keys add --create --store <store> --user <name> --team '*' --role admin`,
  )
}

/** How many keys there are. The first start makes one that may do everything. */
async function describeKeys(store: ObjectStore): Promise<string> {
  const count = await countApiKeys(store)
  if (count > 0)
    return `${countOf(count, 'API key')}; make another with trackway-server keys add --store <store>\n`
  const { key } = await createApiKey(store, {
    user: 'admin',
    roles: { '*': 'admin' },
    name: 'made at the first start',
  })
  return `API key (shown once): ${key}\n`
}

/** The client sees that its connection breaks, and the operator why. */
function reportBroken({ requestId, method, path, error }: RequestEvent): void {
  process.stderr.write(
    `${new Date().toISOString()} ${requestId} ${method} ${path} broke off: ${String(error)}\n`,
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

/** Where a failure came from is worth a look, but not where a quota was found used up. */
function reasonOf(error: unknown): string {
  if (!isError(error)) return ''
  const isQuota = TrackwayError.isInstance(error) && error.code === 'quota_exceeded'
  return isQuota ? error.message : (error.stack ?? error.message)
}
