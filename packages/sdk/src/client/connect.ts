import {
  defaultLimits,
  knownOffers,
  routePath,
  routes,
  TrackwayError,
  type Limits,
  type Service,
} from '@trackway/protocol'
import { loadReading } from '../parts/load.ts'
import { callOver } from './call.ts'
import type { Connection } from './connection.ts'
import type { PresignedUrlContext, PresignedUrls } from './presigned-urls.ts'
import type { Receive } from './request.ts'
import { send, type Destination } from './send.ts'

/** The format of stores and messages that this client speaks. */
const formatVersion = 1
/** Milliseconds until it is clear that nothing answers at all. */
const connectBudgetMs = 5_000

/** A server and how to reach it. */
export interface ConnectOptions extends Destination {
  /** Where the protocol's paths begin. */
  baseUrl: string
  /** The canonical address of the store. Default: the label. */
  address?: string | undefined
  /**
   * Whether the server is within this process, so that other programs cannot use the base. Default: false.
   */
  isEmbedded?: boolean | undefined
  /** Sends requests to addresses on the web. Default: the `fetch` for the server. */
  web?: ((request: Request) => Promise<Response>) | undefined
  signal?: AbortSignal | undefined
}

/** Makes sure that a compatible Trackway server answers. Throws `not_trackway`, `server_too_new`. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return connectionTo(options, await readService(options))
}

function connectionTo(options: ConnectOptions, service: Service): Connection {
  const line = lineOf(options, receiveFrom(options))
  const limits = withinFormat(service.limits)
  let urls: Promise<PresignedUrls | undefined> | undefined
  let quiet: Connection | undefined
  return {
    ...line,
    storeId: service.storeId,
    limits,
    get quietly() {
      return (quiet ??= connectionTo({ ...options, notice: undefined }, service))
    },
    presignedUrls() {
      const context = { call: line.call, fetch: options.fetch, server: new URL(options.baseUrl) }
      return (urls ??= loadPresignedUrls(context, service))
    },
  }
}

/**
 * A connection to a server that cannot be reached at the moment: each call tries to reach it. Throws
 * `config_invalid` if a different store answers by then.
 */
export function connectLater(options: ConnectOptions, storeId: string): Connection {
  let connected: Connection | undefined
  let quiet: Connection | undefined

  /** Each caller has a signal of its own: canceling one call does not affect the others. */
  async function reach(signal: AbortSignal | undefined): Promise<Connection> {
    if (connected !== undefined) return connected
    const reached = await connect({ ...options, signal })
    if (reached.storeId !== storeId) {
      throw new TrackwayError(
        'config_invalid',
        `Connecting to ${options.label}: it now has a different store than at the last login; log in again`,
      )
    }
    connected = reached
    return reached
  }

  return {
    ...lineOf(options, async (name, input) => (await reach(input.signal)).receive(name, input)),
    storeId,
    get limits() {
      return connected?.limits ?? defaultLimits
    },
    get quietly() {
      return (quiet ??= connectLater({ ...options, notice: undefined }, storeId))
    },
    presignedUrls: () => connected?.presignedUrls() ?? Promise.resolve(undefined),
  }
}

/** What is known of a server before it answers. */
function lineOf(options: ConnectOptions, receive: Receive) {
  const {
    label: url,
    address = url,
    baseUrl,
    isEmbedded,
    isRemote = false,
    fetch,
    web = fetch,
    retry,
  } = options
  return {
    url,
    address,
    serverUrl: isEmbedded ? undefined : withoutSlash(baseUrl),
    isRemote,
    elsewhere: { fetch: web, retry },
    receive,
    call: callOver({ url, receive }),
  }
}

/** Sends requests to a server. */
function receiveFrom(options: ConnectOptions): Receive {
  const base = withoutSlash(options.baseUrl)
  return (name, { parameters, query, ...rest }) => {
    const url = new URL(base + routePath(name, parameters))
    for (const [key, value] of Object.entries(query ?? {}))
      if (value !== undefined) url.searchParams.set(key, value)
    return send(options, { method: routes[name].method, url, ...rest })
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

async function loadPresignedUrls(
  context: PresignedUrlContext,
  { offers }: Service,
): Promise<PresignedUrls | undefined> {
  if (!Object.values(knownOffers).some((offer) => offers.includes(offer))) return undefined
  const { createPresignedUrls } = await loadReading()
  return createPresignedUrls(context, offers)
}

/**
 * A server may lower the limits, but not raise them beyond the format's, since they determine the use of
 * memory.
 */
function withinFormat(limits: Limits): Limits {
  const least = (name: keyof Limits) => Math.min(limits[name], defaultLimits[name])
  return {
    requestBytes: least('requestBytes'),
    blobBytes: least('blobBytes'),
    digests: least('digests'),
    entries: least('entries'),
    manifestBytes: least('manifestBytes'),
  }
}

async function readService(options: ConnectOptions): Promise<Service> {
  const { label, retry, signal } = options
  const budgetMs = Math.min(retry.budgetMs, connectBudgetMs)
  const { call } = lineOf(options, receiveFrom({ ...options, retry: { ...retry, budgetMs } }))
  const service = await call('getService', { attempted: `Connecting to ${label}`, signal })
  const unknown = [...service.features.read, ...service.features.write]
  if (service.formatVersion <= formatVersion && unknown.length === 0) return service
  throw new TrackwayError(
    'server_too_new',
    `Connecting to ${label}: it speaks format version ${service.formatVersion}${unknown.length > 0 ? ` with ${unknown.join(', ')}` : ''}, this client ${formatVersion}; update @trackway/sdk`,
  )
}
