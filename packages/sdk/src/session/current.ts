import type { Alias, Metadata } from '@trackway/protocol'
import type { Artifact } from '../artifact/artifact.ts'
import type { FetchAssetOptions } from '../assets/download-asset.ts'
import type { UploadOptions } from '../artifact/upload-artifact.ts'
import type { UploadResult } from '../artifact/upload-result.ts'
import { NotInitializedError, NotLoggedInError } from '../errors.ts'
import { loadPart } from '../load-part.ts'
import { checkLate } from '../options/check-late.ts'
import { login as beginSession, type LoginOptions } from './login.ts'
import type { FinishOptions, LogOptions, Run } from './run.ts'
import type { InitOptions, PlaceOptions, Session } from './session.ts'

// The session of a notebook or script that has only one. Each function does what its namesake on `Session` or `Run` does.
let current: Session | undefined

/** Begins a session and makes it the current one. */
export async function login(options?: LoginOptions): Promise<Session> {
  current = await beginSession(options)
  return current
}

/** Begins a run in the current session. Throws `NotLoggedInError`. */
export async function init<Config extends object = Metadata>(options?: InitOptions<Config>): Promise<Run> {
  return session('init').init(options)
}

/** A version of an artifact, from the current session. Throws `NotLoggedInError`, `NotInitializedError`. */
export async function getArtifact(
  name: string,
  type: string,
  revision?: string,
  options?: PlaceOptions,
): Promise<Artifact> {
  return session('getArtifact').getArtifact(name, type, revision, options)
}

/** Makes the next version of an artifact in the current session. Throws `NotLoggedInError`, `NotInitializedError`. */
export async function uploadArtifact(
  artifact: Artifact,
  options?: UploadOptions & PlaceOptions,
): Promise<UploadResult> {
  return session('uploadArtifact').uploadArtifact(artifact, options)
}

/**
 * The local path of a version, or of a file of it, from the current session. Without one, what is pinned and lies here
 * is found without any request; else it logs in first, as the environment says.
 */
export async function fetchAsset(
  spec: string,
  options: FetchAssetOptions & PlaceOptions = {},
): Promise<string> {
  await checkLate('fetchAsset', options)
  if (current === undefined && !options.verify) {
    const { findAssetOffline } = await loadPart(() => import('./find-asset-offline.ts'))
    const path = await findAssetOffline(spec, options)
    if (path !== undefined) return path
  }
  current ??= await beginSession(options.quiet === undefined ? {} : { quiet: options.quiet })
  return current.fetchAsset(spec, options)
}

/** Points an alias at a version, in the current session. Throws `NotLoggedInError`, `NotInitializedError`. */
export async function setAlias(
  name: string,
  type: string,
  alias: string,
  revision: string,
  options?: PlaceOptions & { expected?: string | null | undefined },
): Promise<Alias> {
  return session('setAlias').setAlias(name, type, alias, revision, options)
}

/** Logs measured values to the current run. Throws `NotLoggedInError`, `NotInitializedError`. */
export async function log<Values extends object>(
  values: Values & { [Key in keyof Values]: number },
  options?: LogOptions,
): Promise<void> {
  return run('log').log(values, options)
}

/** Ends the current run. Throws `NotLoggedInError`, `NotInitializedError`. */
export async function finish(options?: FinishOptions): Promise<void> {
  return run('finish').finish(options)
}

function session(attempted: string): Session {
  if (current === undefined) throw new NotLoggedInError(attempted)
  return current
}

function run(attempted: string): Run {
  const under = session(attempted).run
  if (under === undefined) throw new NotInitializedError(attempted)
  return under
}
