import { isAddress, TrackwayError, withoutSecrets, type Hint } from '@trackway/protocol'
import { loadSession } from '../parts/load.ts'
import type { Environment } from '../platform/environment.ts'
import { checkApiKey } from './api-key.ts'

/** What login has to know, wherever it comes from. */
export interface Config {
  /** The URL of a server. Undefined: a store without a server. */
  host: string | undefined
  /** Where the host came from, for people; undefined: from the options. */
  hostOrigin: string | undefined
  /**
   * A store without a server: a bucket as `s3://…`, or the absolute path of a folder. Ignored if there is a
   * host.
   */
  store: string
  apiKey: string | undefined
  /** Where the key came from, for people. */
  keyOrigin: string | undefined
  team: string | undefined
  experiment: string | undefined
}

/** What may be given in code. */
export interface ConfigOptions {
  host?: string | undefined
  store?: string | undefined
  apiKey?: string | undefined
  team?: string | undefined
  experiment?: string | undefined
}

interface Source extends ConfigOptions {
  origin: string
  /** Of a file: its path. Relative paths in it are relative to its folder. */
  path?: string
}

/** The user's file, and the keys that it keeps for other hosts. */
interface UserSource extends Source {
  keys?: Record<string, string> | undefined
}

/** The project's file. */
interface ProjectSource extends Source {
  path: string
  /** Whether only the user can have written it. */
  isOwn: boolean
}

const defaultStore = './.trackway'

/**
 * Combines the configuration: options, then TRACKWAY_* variables, then the project's file, then the user's. A
 * key that came with a host is for that host: it is not sent if the host in force comes from elsewhere and is
 * a different one. A key that came without a host is not sent to a host that only the project's file names,
 * since others may have written that file.
 */
export async function resolveConfig(
  options: ConfigOptions & { quiet?: boolean | undefined },
  environment: Environment,
): Promise<Config> {
  const given = [{ ...options, origin: 'the options' }, fromVariables(environment)]
  const [project, user] = await Promise.all([fromProject(environment), fromFile(environment, options)])
  const sources = [...given, ...(project === undefined ? [] : [project]), user]
  const chosen = sources.find((source) => source.host !== undefined || source.store !== undefined)
  const { host, store = defaultStore } = chosen ?? {}
  if (host !== undefined && chosen?.store !== undefined) {
    const { bothGiven } = await loadSession()
    throw bothGiven(chosen.origin)
  }
  const normalized = host === undefined ? undefined : parseHost(host)
  if (host === undefined && /^https?:/i.test(store))
    throw new TrackwayError(
      'config_invalid',
      `The store '${withoutSecrets(store)}' is a server's URL; pass it as host instead`,
    )
  const keys = [
    ...sources,
    ...Object.entries(user.keys ?? {}).map(([of, apiKey]) => ({ host: of, apiKey, origin: user.origin })),
  ]
  const key = normalized === undefined ? undefined : findKey(keys, normalized)
  if (project !== undefined && chosen === project) {
    const { keyNotForProject, notOwnFile } = await loadSession()
    if (!project.isOwn) throw notOwnFile(project)
    const isKnown =
      host === undefined ? user.store === store : user.host !== undefined && isHost(user.host, normalized)
    if (host !== undefined && key !== undefined && key.host === undefined && !isKnown)
      throw keyNotForProject(project.path, host, key.origin)
    // What the user chose elsewhere does not apply here.
    if ((user.host ?? user.store) !== undefined && !isKnown) sources.pop()
  }
  const apiKey = key?.apiKey === undefined ? undefined : checkApiKey(key.apiKey, key.origin)
  return {
    host: normalized,
    hostOrigin: chosen === given[0] ? undefined : chosen?.origin.replace('API_KEY', 'HOST'),
    store:
      host !== undefined || isAddress(store) ? store : (environment.folder?.(store, chosen?.path) ?? store),
    apiKey,
    keyOrigin: key?.origin,
    team: sources.find((source) => source.team !== undefined)?.team,
    experiment: sources.find((source) => source.experiment !== undefined)?.experiment,
  }
}

/** A key belongs to the host that it came with; a key without a host is for any. */
function findKey(sources: readonly Source[], host: string): Source | undefined {
  return sources.find(
    (source) => source.apiKey !== undefined && (source.host === undefined || isHost(source.host, host)),
  )
}

function isHost(address: string, host: string | undefined): boolean {
  return parseHost(address) === host
}

function fromVariables({ variable = () => undefined }: Environment): Source {
  return {
    host: variable('TRACKWAY_HOST'),
    apiKey: variable('TRACKWAY_API_KEY'),
    team: variable('TRACKWAY_TEAM'),
    experiment: variable('TRACKWAY_EXPERIMENT'),
    store: variable('TRACKWAY_STORE'),
    origin: 'the variable TRACKWAY_API_KEY',
  }
}

async function fromProject(environment: Environment): Promise<ProjectSource | undefined> {
  const file = await environment.readProjectFile?.()
  if (file === undefined) return undefined
  const { parseProjectConfig } = await loadSession()
  return { ...parseProjectConfig(file), ...file, origin: `the file ${file.path}` }
}

async function fromFile(
  environment: Environment,
  { quiet }: { quiet?: boolean | undefined },
): Promise<UserSource> {
  const file = await environment.readConfigFile?.()
  if (file === undefined) return { origin: '' }
  const { noteShared, parseUserConfig } = await loadSession()
  if (!quiet) noteShared(file, environment.print)
  return { ...parseUserConfig(file), path: file.path, origin: `the file ${file.path}` }
}

/** The URL of a server, without a trailing slash. Throws `config_invalid`. */
function parseHost(host: string): string {
  const problem = (text: string, hint?: Hint) =>
    new TrackwayError('config_invalid', `The host '${withoutSecrets(host)}' ${text}`, { hint })
  const url = /^https?:\/\//i.test(host) ? tryParse(host) : undefined
  if (url === undefined)
    throw problem(
      "is not a server's URL such as http://name:9111 or https://name; pass a folder or a bucket as store instead",
    )
  if (url.username || url.password)
    throw problem('contains a user or password; remove it', { kind: 'apiKey' })
  if (url.search || url.hash) throw problem('has a query or fragment after its path; remove it')
  return url.href.replace(/\/+$/, '')
}

function tryParse(host: string): URL | undefined {
  return URL.canParse(host) ? new URL(host) : undefined
}
