import { isAddress, parseName, TrackwayError, withoutSecrets, withoutUndefined } from '@trackway/protocol'
import { environment } from '#platform'
import { isUnreachable } from '../errors.ts'
import { connect, connectLater, type ConnectOptions } from '../client/connect.ts'
import type { Connection } from '../client/connection.ts'
import { platformFetch } from '../client/elsewhere.ts'
import { withinMs } from '../concurrency/within-ms.ts'
import { createRetryNotice } from '../client/retry-notice.ts'
import { defaultRetryPolicy, type RetryPolicy } from '../client/retry.ts'
import type { Destination } from '../client/send.ts'
import { loadSession } from '../parts/load.ts'
import type { Environment } from '../platform/environment.ts'
import type { Reach } from '../platform/run-keeper.ts'
import { resolveConfig, type Config } from './config.ts'
import { recallServer, rememberServer } from './remembered-server.ts'
import type { Voice } from './open-session.ts'
import type { Session } from './session.ts'
import { unlessAborted } from '../concurrency/abort.ts'

/**
 * How to log in. Omitted options come from the environment, then from the configuration files of project and
 * user.
 */
export interface LoginOptions {
  /**
   * The URL of a server, such as `http://127.0.0.1:9111`. Default: TRACKWAY_HOST, then the
   * configuration files.
   */
  host?: string | undefined
  /**
   * A store that is used without a server: the path of a folder, or a bucket, such as
   * `s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1`, whose credentials come from the
   * places that AWS tools use. Given instead of `host`, and used whatever host is configured elsewhere.
   * Default: TRACKWAY_STORE, then the configuration files, then, if these name no host, `./.trackway`.
   */
  store?: string | undefined
  /** An API key of the server. Default: TRACKWAY_API_KEY, then the configuration files. */
  apiKey?: string | undefined
  /** Default: TRACKWAY_TEAM, then the configuration files, then the first team of the key. */
  team?: string | undefined
  /**
   * The default experiment of `init`. Default: TRACKWAY_EXPERIMENT, then the configuration files, then
   * `uncategorized`.
   */
  experiment?: string | undefined
  /**
   * Whether a folder or a bucket that does not contain a store becomes one. If false, login throws
   * `not_found`, which suits callers that only read. Default: true.
   */
  create?: boolean | undefined
  /** Prints nothing, neither now nor in the calls of the session. Default: false. */
  quiet?: boolean | undefined
  /**
   * Sends every request: to the server, to its object store, and to references on the web.
   * Default: the platform's `fetch`.
   */
  fetch?: ((request: Request) => Promise<Response>) | undefined
  /** How long and how often requests are retried. Default: for up to 15 minutes. */
  retry?: Partial<RetryPolicy> | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * Begins a session with a server, or with a store in a folder or a bucket, which needs no running server.
 *
 * There are two configuration files. The project's is the nearest `trackway.json` from the current folder
 * upwards, with `host` or `store`, `team` and `experiment`. The user's, which comes second, is
 * `trackway/config.json` in the user's configuration folder (XDG_CONFIG_HOME or `~/.config`; APPDATA on
 * Windows), with `host` or `store`, `apiKey`, `team`, `experiment` and `keys` for other hosts. A relative
 * path in a file is relative to the folder of that file. A key without a host is not sent to a host that only
 * the project's file names.
 *
 * A server or a bucket that cannot be reached, but could be at an earlier login, is not an error:
 * `fetchAsset` finds what is on this machine, and calls that need the server try to reach it again.
 *
 * Throws `config_invalid`, `option_invalid`, `not_found` (with `create: false`), `unauthorized`,
 * `not_trackway`, `server_too_new`, `network_error`; for a bucket, `store_unavailable` and
 * `store_unsuitable`.
 *
 * @internal
 */
export function login(options: LoginOptions = {}): Promise<Session> {
  return loginWith(options, environment)
}

/**
 * Like `login`, in a given environment.
 *
 * @internal
 */
export async function loginWith(options: LoginOptions, machine: Environment): Promise<Session> {
  const { checkCall, openSession } = await loadSession()
  checkCall('login', options)
  const config = await resolveConfig(options, machine)
  const web = options.fetch ?? platformFetch
  const { destination, baseUrl, isEmbedded, open } = findDestination(config, options, machine)
  const voice: Voice = {
    quiet: options.quiet ?? false,
    print: (text) => {
      if (!voice.quiet) machine.print(text)
    },
  }
  const { print } = voice
  const { label, retry } = destination
  const notice = createRetryNotice(label, { budgetMs: retry.budgetMs, print })
  const address = config.host ?? (await machine.addressOf?.(config.store)) ?? config.store
  const target = { ...destination, notice, address, baseUrl, isEmbedded, web, signal: options.signal }
  const storeKind = config.host !== undefined ? 'server' : isAddress(config.store) ? 'bucket' : 'folder'
  const isFolder = storeKind === 'folder'
  const { connection, me } = await reach(target, { isFolder, open, print })
  return openSession({
    connection,
    user: me.user,
    team: config.team === undefined ? me.team : parseName('team', config.team),
    experiment: parseName('experiment', config.experiment ?? defaultExperiment),
    // A store without a server has no URL: it is identified by its folder or bucket.
    baseUrl:
      config.host ??
      (isFolder
        ? (machine.folderUrl?.(config.store) ?? config.store)
        : config.store.replace(/\/?(\?.*)?$/, '')),
    storeKind,
    // Another process does not have a `fetch` of this one.
    reach: options.fetch === undefined ? reachOf(config, address) : undefined,
    voice,
  })
}

function reachOf(config: Config, address: string): Reach {
  if (config.host !== undefined) return { host: config.host, apiKey: config.apiKey }
  return { store: isAddress(config.store) ? config.store : address }
}

/**
 * The experiment unless a call names another.
 *
 * @internal
 */
export const defaultExperiment = 'uncategorized'

/** Milliseconds to open a bucket in, if local data can be used instead. */
const openBudgetMs = 5_000

interface Reached {
  connection: Connection
  me: { user: string; team: string }
}

/**
 * Connects to the server. If it cannot be reached, but could be at an earlier login, the connection is made
 * later: the assets directory is usable without it.
 */
async function reach(
  options: ConnectOptions & { address: string },
  { isFolder, open, print }: Pick<Found, 'open'> & { isFolder: boolean; print: (text: string) => void },
): Promise<Reached> {
  const { address, apiKey, label } = options
  const known = isFolder ? undefined : await recallServer({ address, apiKey })
  try {
    const opened = unlessAborted(
      open().then(() => true),
      options.signal,
    )
    if (known === undefined) await opened
    else if (!(await withinMs(openBudgetMs, opened))) throw tooSlow(label)
    const connection = await connect(options)
    const me = await whoAmI(connection, options.signal)
    if (!isFolder) await rememberServer({ address, apiKey }, { address, storeId: connection.storeId, ...me })
    return { connection, me }
  } catch (error) {
    if (known === undefined || !isUnreachable(error)) throw error
    print(
      `${label} cannot be reached: Trackway uses the data on this machine, and tries to connect again when it has to`,
    )
    // Not bound to the signal of the login, which is over.
    const { signal: _, ...later } = options
    return { connection: connectLater(later, known.storeId), me: known }
  }
}

function tooSlow(location: string): TrackwayError {
  return new TrackwayError('timeout', `Opening ${location}: it did not answer within ${openBudgetMs} ms`)
}

async function whoAmI(connection: Connection, signal: AbortSignal | undefined) {
  const { user, team } = await connection.call('getMe', {
    attempted: `Logging in to ${connection.url}`,
    signal,
  })
  return { user, team }
}

/** Where requests are sent. */
interface Found {
  destination: Destination
  baseUrl: string
  isEmbedded: boolean
  /** Opens what is needed before the first request. */
  open(): Promise<unknown>
}

function findDestination(config: Config, options: LoginOptions, machine: Environment): Found {
  const retry = { ...defaultRetryPolicy, ...withoutUndefined(options.retry ?? {}) }
  if (config.host !== undefined) {
    const { apiKey, keyOrigin, host, hostOrigin } = config
    const fetch = options.fetch ?? platformFetch
    const isRemote = options.fetch === undefined
    const label = withoutSecrets(host)
    const destination = { label, labelOrigin: hostOrigin, apiKey, keyOrigin, fetch, isRemote, retry }
    return { destination, baseUrl: host, isEmbedded: false, open: () => Promise.resolve() }
  }
  const { store } = config
  const { openEmbedded } = machine
  if (openEmbedded === undefined) {
    throw new TrackwayError(
      'config_invalid',
      'A browser cannot use a store without a server; pass the URL of one to login',
      { hint: { kind: 'option', options: ['host'] } },
    )
  }
  let app: ReturnType<typeof openEmbedded> | undefined
  const open = () => {
    if (app !== undefined) return app
    const opening = openEmbedded(store, { create: options.create ?? true })
    // A session keeps its app, but one that could not be opened is tried again.
    opening.catch(() => (app = undefined))
    return (app = opening)
  }
  const fetch = async (request: Request) => (await open()).fetch(request)
  return {
    destination: { label: store, fetch, retry },
    baseUrl: 'http://embedded.trackway',
    isEmbedded: true,
    open,
  }
}
