import type { Metadata } from '@trackway/protocol'
import type { LongCallOptions } from '../calls/long-call-options.ts'
import type { ScopeOptions } from '../calls/scope-options.ts'
import type { PushResult } from '../push/push-versions.ts'
import type { Run } from './run.ts'
import type { InitOptions } from './runs.ts'
import type { SessionCalls } from './session-calls.ts'

/**
 * A login: the user, where data is stored, and the run in progress. The API key is not visible in it.
 *
 * Every method throws `option_invalid` for an unknown option, naming the nearest one, and for a value of the
 * wrong kind, and `name_invalid` for an invalid name, before it sends anything. An undefined option counts as
 * omitted.
 */
export interface Session extends SessionCalls {
  /** Where data is stored: the server's URL, or the folder or bucket of a store without one. */
  readonly url: string
  /** The logged-in user. */
  readonly user: string
  /** The default team. */
  readonly team: string
  /** The experiment unless one is named or a run is in progress: the default of `init`. */
  readonly experiment: string
  /** The unique name of the store. */
  readonly storeId: string
  /** The run in progress: from `init` until it is finished. */
  readonly run: Run | undefined

  /**
   * Begins a run, or continues the one of that name, and makes it the run in progress of this session until
   * it is finished. The run before it, if `init` returned it, is finished then. Prints once where data is
   * stored. Throws `name_invalid`, `option_invalid`, `forbidden`, `not_found`.
   */
  init<Config extends object = Metadata>(options?: InitOptions<Config>): Promise<Run>
  /**
   * Runs `work` in a run, and returns its result. Afterwards the run is `finished` or, if `work` threw,
   * `failed` with the error's message; that error is thrown.
   */
  init<Result, Config extends object = Metadata>(
    options: InitOptions<Config> | undefined,
    work: (run: Run) => Result | Promise<Result>,
  ): Promise<Result>

  /**
   * Copies a version to another store, with its digests, its description and metadata, and its origin: from a
   * folder to a server, from a server to a bucket, from any session to any other. The version is identified
   * by a spec, such as `'dataset/sample:V2'`, or by name, type and revision; the latest by default. Only what
   * is missing at the target is sent.
   *
   * Pushing again changes nothing: the existing version of the target is returned, with `created: false`. A
   * version keeps its origin however often it is pushed, so that even the store that it came from recognizes
   * it. Runs and aliases are not copied. `concurrency` applies to each of the two stores.
   *
   * Throws `version_deleted` if the target had the version and somebody deleted it there, `not_found`,
   * `forbidden`, `too_large` if the target does not accept a manifest of its size or its number of entries,
   * `integrity_error`, `option_invalid`, `revision_invalid`, `network_error`, `aborted`.
   */
  push(...given: PushArguments): Promise<PushResult>

  /**
   * Pushes all versions of an artifact, the oldest first, and returns a result for each. One that somebody
   * deleted at the target stays deleted, which its result reports. After a failure, pushed versions stay, and
   * the next call continues after them. Throws the same errors as `push`, except `version_deleted`.
   */
  pushAll(...given: PushAllArguments): Promise<PushResult[]>

  /** Ends the run in progress, if there is one, and says so. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Where and how a push is done. */
export interface PushOptions extends ScopeOptions, LongCallOptions {
  /** A session with the target store. May be the same session if `into` names another scope. */
  to: Session
  /** The scope and the name in the target store. */
  into?: PushTarget | undefined
}

/** Where a pushed version goes in the target store, if that differs from the default. */
export interface PushTarget {
  /** Default: the team of the other session. */
  team?: string | undefined
  /** Default: the experiment of the same name, which does not have to exist. */
  experiment?: string | undefined
  /** The name of the artifact there. Default: its name here. */
  name?: string | undefined
}

/** A version to push. */
export type PushArguments =
  | [spec: string, options: PushOptions]
  | [name: string, type: string, revision: string | undefined, options: PushOptions]

/** An artifact to push all versions of. */
export type PushAllArguments =
  | [spec: string, options: PushOptions]
  | [name: string, type: string, options: PushOptions]
