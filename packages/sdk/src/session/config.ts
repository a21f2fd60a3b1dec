import { isBucketAddress, TrackwayError, withoutSecrets } from '@trackway/protocol'
import { loadPart } from '../load-part.ts'
import type { Environment } from '../platform/environment.ts'
import { checkApiKey } from './api-key.ts'

/** What login has to know, from wherever it comes. */
export interface Config {
  /** A server's address. Undefined: a store without a server. */
  host: string | undefined
  /** Where the host came from, for people; undefined: from the options. */
  hostOrigin: string | undefined
  /** A bucket as `s3://…`, used without a server. Undefined: a server, or a folder. */
  bucket: string | undefined
  apiKey: string | undefined
  /** Where the key came from, for people. */
  keyOrigin: string | undefined
  team: string | undefined
  experiment: string | undefined
  /** Where a store without a server lies, unless it is a bucket. */
  folder: string
}

/** What may be given in code. */
export interface ConfigOptions {
  host?: string | undefined
  apiKey?: string | undefined
  team?: string | undefined
  experiment?: string | undefined
  folder?: string | undefined
}

interface Source extends ConfigOptions {
  origin: string
}

/** The user's file, and what it keeps for hosts that it does not name. */
interface UserSource extends Source {
  keys?: Record<string, string> | undefined
}

/** The project's file. */
interface ProjectSource extends Source {
  path: string
  /** Whether only the user can have written it. */
  isOwn: boolean
}

const defaultFolder = './.trackway'

/**
 * Puts the configuration together: options, then TRACKWAY_* variables, then the project's file, then the user's. A key
 * that came with a host is for that host: where the host in force comes from elsewhere and is another one, the key is
 * not sent. One that came with none is not for a host that only the project's file names, which others may have written.
 */
export async function resolveConfig(
  options: ConfigOptions & { quiet?: boolean | undefined },
  environment: Environment,
): Promise<Config> {
  const given = [{ ...options, origin: 'the options of login' }, fromVariables(environment)]
  const [project, user] = await Promise.all([fromProject(environment), fromFile(environment, options)])
  const sources = [...given, ...(project === undefined ? [] : [project]), user]
  // Of one source a host is meant, and a folder stands by; but a folder that is named here means no host from further off.
  const chosen = sources.find((source) => source.host !== undefined || source.folder !== undefined)
  const { host, folder = defaultFolder } = chosen ?? {}
  const bucket = host !== undefined && isBucketAddress(host) ? host : undefined
  const normalized = host === undefined || bucket !== undefined ? undefined : parseHost(host)
  const keys = [
    ...sources,
    ...Object.entries(user.keys ?? {}).map(([of, apiKey]) => ({ host: of, apiKey, origin: user.origin })),
  ]
  const key = normalized === undefined ? undefined : findKey(keys, normalized)
  if (host !== undefined && project !== undefined && chosen === project) {
    const { keyNotForProject, notOwnFile } = await loadPart(() => import('./project-config.ts'))
    if (!project.isOwn) throw notOwnFile(project.path, host)
    const isKnown = user.host !== undefined && isHost(user.host, normalized)
    if (key !== undefined && key.host === undefined && !isKnown)
      throw keyNotForProject(project.path, host, key.origin)
    // What the user chose at another host means nothing at this one.
    if (user.host !== undefined && !isKnown) sources.pop()
  }
  const apiKey = key?.apiKey === undefined ? undefined : checkApiKey(key.apiKey, key.origin)
  return {
    host: normalized,
    hostOrigin: chosen === given[0] ? undefined : chosen?.origin.replace('API_KEY', 'HOST'),
    bucket,
    apiKey,
    keyOrigin: key?.origin,
    team: sources.find((source) => source.team !== undefined)?.team,
    experiment: sources.find((source) => source.experiment !== undefined)?.experiment,
    folder: host === undefined ? environment.folder(folder) : folder,
  }
}

/** A key belongs to the host that it came with; one that came with none is meant for any. */
function findKey(sources: readonly Source[], host: string): Source | undefined {
  return sources.find(
    (source) => source.apiKey !== undefined && (source.host === undefined || isHost(source.host, host)),
  )
}

function isHost(address: string, host: string | undefined): boolean {
  return !isBucketAddress(address) && parseHost(address) === host
}

function fromVariables({ variable }: Environment): Source {
  return {
    host: variable('TRACKWAY_HOST'),
    apiKey: variable('TRACKWAY_API_KEY'),
    team: variable('TRACKWAY_TEAM'),
    experiment: variable('TRACKWAY_EXPERIMENT'),
    folder: variable('TRACKWAY_DIR'),
    origin: 'the variable TRACKWAY_API_KEY',
  }
}

async function fromProject(environment: Environment): Promise<ProjectSource | undefined> {
  const file = await environment.readProjectFile()
  if (file === undefined) return undefined
  const { parseProjectConfig } = await loadPart(() => import('./project-config.ts'))
  return { ...parseProjectConfig(file), ...file, origin: `the file ${file.path}` }
}

async function fromFile(
  environment: Environment,
  { quiet }: { quiet?: boolean | undefined },
): Promise<UserSource> {
  const file = await environment.readConfigFile()
  if (file === undefined) return { origin: '' }
  const { noteShared, parseUserConfig } = await loadPart(() => import('./user-config.ts'))
  if (!quiet) noteShared(file, environment.print)
  return { ...parseUserConfig(file), origin: `the file ${file.path}` }
}

/** The address of a server, without a slash at its end. Throws `config_invalid`. */
function parseHost(host: string): string {
  const problem = (text: string) =>
    new TrackwayError('config_invalid', `The host '${withoutSecrets(host)}' ${text}`)
  const url = /^https?:\/\//i.test(host) ? tryParse(host) : undefined
  if (url === undefined)
    throw problem('is not an address; write it as http://name:9111, https://name or s3://bucket/prefix')
  if (url.username || url.password)
    throw problem('has a user or password in it; pass the key as { apiKey } instead')
  if (url.search || url.hash) throw problem('has something behind its path; leave that out')
  return url.href.replace(/\/+$/, '')
}

function tryParse(host: string): URL | undefined {
  return URL.canParse(host) ? new URL(host) : undefined
}
