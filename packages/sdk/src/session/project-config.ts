import { holdTo, nameSchema, problemsOf, TrackwayError, withoutSecrets } from '@trackway/protocol'
import * as z from 'zod/mini'
import { environment } from '#platform'
import { checkCall } from '../calls/calls.ts'
import { parseConfigFile, replaceWhere } from './config-file.ts'

/**
 * What a project's configuration file, `trackway.json`, holds: what `login` takes before the user's file says it. The
 * file may be shared with the project, so it holds no API key.
 */
export interface ProjectConfig {
  /** The URL of a server. Not given together with `store`. */
  host?: string | undefined
  /** A folder, whose relative path starts at the folder of the file, or a bucket. */
  store?: string | undefined
  /** Where things go unless a team is named. */
  team?: string | undefined
  /** What `init` takes by default. */
  experiment?: string | undefined
}

/** A project's configuration file. */
export interface ProjectConfigFile {
  /** Where it is. */
  path: string
  /** What it says. */
  config: ProjectConfig
}

const projectConfigSchema = z.strictObject({
  host: z.optional(z.string()),
  store: z.optional(z.string()),
  team: z.optional(nameSchema),
  experiment: z.optional(nameSchema),
})

/**
 * What the project's configuration file says, and where it is: the nearest `trackway.json` from the current folder
 * upwards; undefined where there is none. Throws `config_invalid`.
 */
export async function readProjectConfig(): Promise<ProjectConfigFile | undefined> {
  const file = await environment.readProjectFile()
  return file === undefined ? undefined : { path: file.path, config: parseProjectConfig(file) }
}

/** What the text of a project's configuration file says. Throws `config_invalid`. */
export function parseProjectConfig(file: { path: string; text: string }): ProjectConfig {
  return parseConfigFile(file, projectConfigSchema)
}

/**
 * Changes the project's configuration file and returns its path: what is given is written, what is undefined is taken
 * out, the rest stays. A host takes the place of a store, and a store that of a host. Where there is no file, it is made in
 * the current folder. Throws `config_invalid`.
 */
export async function changeProjectConfig(changes: ProjectConfig): Promise<string> {
  checkCall('changeProjectConfig', changes)
  const known = await readProjectConfig()
  const result = holdTo(projectConfigSchema, {
    ...known?.config,
    ...replaceWhere(changes, 'the options of changeProjectConfig'),
  })
  if (result.success) return environment.writeProjectFile(`${JSON.stringify(result.data, null, 2)}\n`)
  throw new TrackwayError(
    'config_invalid',
    `This cannot be written to the project's configuration file: ${problemsOf(result.error)}`,
  )
}

/** Why the host or store of a project's file is not used: somebody else could have data sent to one of theirs. */
export function notOwnFile({ path, host, store }: ProjectConfig & { path: string }): TrackwayError {
  const [noun, variable] = host === undefined ? ['store', 'TRACKWAY_STORE'] : ['host', 'TRACKWAY_HOST']
  return new TrackwayError(
    'config_invalid',
    `The project's configuration file ${path} names the ${noun} ${withoutSecrets(host ?? store ?? '')}, but other users may change it; if the ${noun} is right, set ${variable} to it, or make the file yours`,
  )
}

/** Why a key is not sent: who wrote the project's file would get it. */
export function keyNotForProject(path: string, host: string, keyOrigin: string): TrackwayError {
  return new TrackwayError(
    'config_invalid',
    `The project's configuration file ${path} names the host ${host}, and the API key from ${keyOrigin} does not say for which host it is; if it is for this one, set TRACKWAY_HOST to it, or log in to it once by trackway login`,
  )
}
