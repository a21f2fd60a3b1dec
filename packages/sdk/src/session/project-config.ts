import { holdTo, nameSchema, problemsOf, TrackwayError, withoutSecrets } from '@trackway/protocol'
import * as z from 'zod/mini'
import { environment } from '#platform'
import { checkCall } from '../calls/calls.ts'
import { parseConfigFile, replaceWhere, writeConfig } from './config-file.ts'

/**
 * The content of a project's configuration file, `trackway.json`, which `login` uses before the user's file.
 * The file may be shared with the project, so it contains no API key.
 */
export interface ProjectConfig {
  /** The URL of a server. Not given together with `store`. */
  host?: string | undefined
  /** A folder (a relative path is relative to the folder of the file), or a bucket. */
  store?: string | undefined
  /** The default team. */
  team?: string | undefined
  /** The default experiment of `init`. */
  experiment?: string | undefined
}

/** A project's configuration file. */
export interface ProjectConfigFile {
  /** Its path. */
  path: string
  /** Its content. */
  config: ProjectConfig
}

const projectConfigSchema = z.strictObject({
  host: z.optional(z.string()),
  store: z.optional(z.string()),
  team: z.optional(nameSchema),
  experiment: z.optional(nameSchema),
})

/**
 * The content and the path of the project's configuration file: the nearest `trackway.json` from the current
 * folder upwards; undefined if there is none. Throws `config_invalid`.
 */
export async function readProjectConfig(): Promise<ProjectConfigFile | undefined> {
  const file = await environment.readProjectFile?.()
  return file === undefined ? undefined : { path: file.path, config: parseProjectConfig(file) }
}

/**
 * Parses the text of a project's configuration file. Throws `config_invalid`.
 *
 * @internal
 */
export function parseProjectConfig(file: { path: string; text: string }): ProjectConfig {
  return parseConfigFile(file, projectConfigSchema)
}

/**
 * Changes the project's configuration file and returns its path: given values are written, undefined ones are
 * removed, the rest is kept. A host replaces a store, and a store replaces a host. If there is no file, it is
 * created in the current folder. Throws `config_invalid`.
 */
export async function changeProjectConfig(changes: ProjectConfig): Promise<string> {
  checkCall('changeProjectConfig', changes)
  const known = await readProjectConfig()
  const result = holdTo(projectConfigSchema, {
    ...known?.config,
    ...replaceWhere(changes, 'the options of changeProjectConfig'),
  })
  if (result.success) return writeConfig(environment.writeProjectFile, result.data)
  throw new TrackwayError(
    'config_invalid',
    `This cannot be written to the project's configuration file: ${problemsOf(result.error)}`,
  )
}

/**
 * Why the host or store of a project's file is not used: another user could have data sent to a host of
 * theirs.
 *
 * @internal
 */
export function notOwnFile({ path, host, store }: ProjectConfig & { path: string }): TrackwayError {
  const [noun, variable] = host === undefined ? ['store', 'TRACKWAY_STORE'] : ['host', 'TRACKWAY_HOST']
  return new TrackwayError(
    'config_invalid',
    `The project's configuration file ${path} names the ${noun} ${withoutSecrets(host ?? store ?? '')}, but other users can change that file; if the ${noun} is right, set ${variable} to it, or make yourself the owner of the file`,
  )
}

/**
 * Why a key is not sent: the author of the project's file would receive it.
 *
 * @internal
 */
export function keyNotForProject(path: string, host: string, keyOrigin: string): TrackwayError {
  return new TrackwayError(
    'config_invalid',
    `The project's configuration file ${path} names the host ${host}, and the API key from ${keyOrigin} does not say which host it is for; if it is for this one, set TRACKWAY_HOST to it, or run trackway login for it once`,
  )
}
