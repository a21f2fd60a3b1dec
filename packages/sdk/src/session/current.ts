import type { Alias, Metadata } from '@trackway/protocol'
import type { Artifact } from '../artifact/artifact.ts'
import type { UploadOptions } from '../artifact/upload-artifact.ts'
import type { UploadResult } from '../progress/upload-result.ts'
import { NotInitializedError, NotLoggedInError } from '../errors.ts'
import { loadSession } from '../parts/load.ts'
import type { ScopeOptions } from '../calls/scope-options.ts'
import type { SetAliasArguments } from './aliases.ts'
import type { FetchArguments } from './assets.ts'
import type { VersionArguments } from './call-arguments.ts'
import { login as beginSession, type LoginOptions } from './login.ts'
import type { Run } from './run.ts'
import type { FinishOptions, LogOptions } from './run-options.ts'
import type { InitOptions } from './runs.ts'
import type { Session } from './session.ts'

// The current session, for notebooks and scripts that have only one. Each function does the same as the
// method of that name on `Session` or `Run`.
let current: Session | undefined

/** Begins a session and makes it the current one. */
export async function login(options?: LoginOptions): Promise<Session> {
  current = await beginSession(options)
  return current
}

/** Begins a run in the current session. Throws `NotLoggedInError`. */
export function init<Config extends object = Metadata>(options?: InitOptions<Config>): Promise<Run>
/**
 * Runs `work` in a run of the current session, ends the run according to the outcome, and returns the result
 * of `work`.
 */
export function init<Result, Config extends object = Metadata>(
  options: InitOptions<Config> | undefined,
  work: (run: Run) => Result | Promise<Result>,
): Promise<Result>
export async function init<Result>(
  options?: InitOptions<object>,
  work?: (run: Run) => Result | Promise<Result>,
): Promise<Result | Run> {
  const within = session('init')
  return work === undefined ? within.init(options) : within.init(options, work)
}

/** A version of an artifact, from the current session. Throws `NotLoggedInError`. */
export async function getArtifact(...given: VersionArguments): Promise<Artifact> {
  return session('getArtifact').getArtifact(...given)
}

/** Makes the next version of an artifact in the current session. Throws `NotLoggedInError`. */
export async function uploadArtifact(
  artifact: Artifact,
  options?: UploadOptions & ScopeOptions,
): Promise<UploadResult> {
  return session('uploadArtifact').uploadArtifact(artifact, options)
}

/**
 * The local path of a version, or of a file of it, from the current session. Without a session, a version
 * that is pinned and present is found without any request; otherwise it logs in first, configured by the
 * environment.
 */
export async function fetchAsset(...given: FetchArguments): Promise<string> {
  if (current === undefined) {
    const { findAssetOffline } = await loadSession()
    const { path, options } = await findAssetOffline(given)
    if (path !== undefined) return path
    current = await beginSession(options.quiet === undefined ? {} : { quiet: options.quiet })
  }
  return current.fetchAsset(...given)
}

/** Points an alias at a version, in the current session. Throws `NotLoggedInError`. */
export async function setAlias(...given: SetAliasArguments): Promise<Alias> {
  return session('setAlias').setAlias(...given)
}

/**
 * Logs measured values to the current run. Throws `NotLoggedInError`, `NotInitializedError`, which do not end
 * a program that does not await it.
 */
export function log<Values extends object>(
  values: Values & { [Key in keyof Values]: number },
  options?: LogOptions,
): Promise<void> {
  const logged = (async () => run('log').log(values, options))()
  logged.catch(() => {})
  return logged
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
