import {
  foldName,
  parseArtifactName,
  parseName,
  TrackwayError,
  type Alias,
  type AliasMove,
  type ArtifactSummary,
  type Lineage,
  type ListedVersion,
  type Metadata,
  type RetentionAnswer,
  type RunDocument,
  type RunSummary,
  type Tag,
  type Tombstone,
  type Version,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import { showEverywhere } from '#platform'
import { contentsOf, type Artifact, type ArtifactOptions } from '../artifact/artifact.ts'
import { loadReading } from '../artifact/entry.ts'
import type { LongCallOptions } from '../calls/long-call-options.ts'
import type { UploadOptions } from '../artifact/upload-artifact.ts'
import type { UploadResult } from '../progress/upload-result.ts'
import type { Connection } from '../client/connection.ts'
import { loadPart } from '../load-part.ts'
import type { CallName, CallWith } from '../calls/calls.ts'
import { checkLate } from '../calls/check-late.ts'
import type { PushEnds } from '../push/push.ts'
import type { PushResult } from '../push/push-versions.ts'
import type { Subject, SubjectCall } from './call-arguments.ts'
import type { LoggedValue } from './logged-value.ts'
import type { RunInProgress } from './begin-run.ts'
import type { Scope } from '../client/scope.ts'
import type { Run } from './run.ts'
import type {
  AliasArguments,
  AliasOptions,
  ArtifactArguments,
  FetchArguments,
  InitOptions,
  ListArtifactsOptions,
  ListVersionsOptions,
  ScopeOptions,
  RetentionRules,
  SetAliasArguments,
  TagArguments,
  TeamOptions,
  UpdateArguments,
  VersionArguments,
} from './session-options.ts'

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

const notes = {
  server: '',
  folder: ' (a folder of this machine, no server)',
  bucket: ' (a bucket, no server)',
}

/** What a session is made of. */
export interface SessionParts {
  connection: Connection
  user: string
  team: string
  experiment: string
  baseUrl: string
  storeKind: 'server' | 'folder' | 'bucket'
  voice: Voice
}

/** Prints something, unless quiet. */
export interface Voice {
  /** Whether nothing is shown, unless a call says otherwise. */
  quiet: boolean
  print: (text: string) => void
}

/**
 * A login: the user, where data is stored, and the run in progress. The API key is not visible in it.
 *
 * Every method throws `option_invalid` for an unknown option, naming the nearest one, and for a value of the
 * wrong kind, and `name_invalid` for an invalid name, before it sends anything. An undefined option counts as
 * omitted.
 */
export class Session {
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
  readonly #parts: SessionParts
  /** The run in progress, and its scope. */
  #current: RunInProgress | undefined
  /** Whether nothing is shown outside of a run that says otherwise. */
  readonly #quiet: boolean
  /** Messages that were printed and are not repeated. */
  readonly #said = new Set<string>()

  constructor(parts: SessionParts) {
    this.#quiet = parts.voice.quiet
    this.url = parts.connection.url
    this.user = parts.user
    this.team = parts.team
    this.experiment = parts.experiment
    this.storeId = parts.connection.storeId
    this.#parts = parts
  }

  static {
    showEverywhere('session', Session.prototype, (session) => {
      const { url, user } = session
      const { storeKind, team, experiment } = session.#parts
      const { run } = session
      return {
        url,
        note: notes[storeKind],
        user,
        team: run?.team ?? team,
        experiment: run?.experiment ?? experiment,
        run: run?.name,
      }
    })
  }

  /** The run in progress: from `init` until it is finished. */
  get run(): Run | undefined {
    return this.#current?.run
  }

  /**
   * Begins a run, or continues the one of that name, and makes it the run in progress of this session until
   * it is finished. Prints once where data is stored. Throws `name_invalid`, `option_invalid`, `forbidden`,
   * `not_found`.
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
  async init<Result>(
    options: InitOptions<object> = {},
    work?: (run: Run) => Result | Promise<Result>,
  ): Promise<Result | Run> {
    await checkLate('init', options)
    if (work !== undefined && typeof work !== 'function')
      throw new TrackwayError('option_invalid', 'init: the work of the run must be a function')
    const scope = this.#namesOf(options)
    const { connection, baseUrl, storeKind, voice } = this.#parts
    const { beginRun, runWithin } = await loadPart(() => import('./begin-run.ts'))
    const where = { ...scope, connection, baseUrl, isServer: storeKind === 'server', print: voice.print }
    const begun = await beginRun(where, options, () => {
      if (this.#current !== begun) return
      this.#current = undefined
      voice.quiet = this.#quiet
    })
    this.#current = begun
    voice.quiet = options.quiet ?? this.#quiet
    voice.print(this.#describe(begun.run))
    return work === undefined ? begun.run : runWithin(begun.run, work)
  }

  #describe({ name, team, experiment, url }: Run): string {
    const note = notes[this.#parts.storeKind]
    return [
      `Trackway run ${name}`,
      `  team        ${team}`,
      `  experiment  ${experiment}`,
      `  data        ${this.url}${note}`,
      `  run         ${url}`,
    ].join('\n')
  }

  /**
   * A version of an artifact with its entries, whose bytes are fetched when they are read. Identified by its
   * spec, such as `'dataset/sample:V2'`, or by name, type and revision, which is a tag, an alias, `latest`
   * (default), or `sha256:` with at least 12 hex digits. Within a run, it is recorded as an input of the run.
   * Throws `not_found`, naming similar names, `revision_invalid`.
   */
  getArtifact(...given: VersionArguments): Promise<Artifact> {
    return this.#about('getArtifact', given, async (scope, { name, type, revision }, options) => {
      // The part that reads its bytes, which is needed next, is loaded at the same time.
      const [{ getArtifact }] = await Promise.all([loadVersions(), loadReading()])
      return getArtifact(scope, name, type, revision, options)
    })
  }

  /**
   * Makes the next version of an artifact: see `UploadOptions` for what happens if somebody else was faster.
   * If the content equals that of the version that it started from, or of one made since, no version is made
   * and the existing one is returned.
   */
  async uploadArtifact(
    artifact: Artifact,
    options: UploadOptions & ScopeOptions = {},
  ): Promise<UploadResult> {
    // As they are now, whatever is added while this waits.
    const contents = contentsOf(artifact)
    return this.#at('uploadArtifact', options, async (scope) => {
      const { uploadArtifact } = await loadPart(() => import('../artifact/upload-artifact.ts'))
      return uploadArtifact(scope, artifact, options, contents)
    })
  }

  /**
   * The local path of a version, or of a file of it: `await
   * session.fetchAsset('dataset/sample:V2[train.csv]')`. The version is downloaded to the assets directory
   * (TRACKWAY_ASSETS_DIR, by default in the user's cache) unless it is present. A version that is present and
   * pinned by a tag or a whole digest needs no request. Without a revision, or with `latest` or an alias, the
   * server is asked which version is meant; if it cannot be reached, the latest version that is present is
   * used, or the one that the alias last pointed at.
   *
   * The files are read-only, since versions may share them. To get files that you can change, `download` to a
   * folder of your own.
   *
   * Throws `revision_invalid`, `not_found`, `integrity_error`, `network_error`, `file_error`, `aborted`.
   */
  fetchAsset(...given: FetchArguments): Promise<string> {
    return this.#about('fetchAsset', given, async (scope, subject, options) => {
      const quiet = options.quiet ?? this.#parts.voice.quiet
      const { fetchAsset } = await loadPart(() => import('../assets/fetch-asset.ts'))
      const print = quiet ? () => {} : (text: string) => this.#printOnce(text)
      return fetchAsset(scope, subject, { ...options, quiet, print })
    })
  }

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
  push(...given: PushArguments): Promise<PushResult> {
    return this.#about('push', given, async (scope, subject, options) => {
      const { ends, long } = await this.#ends('push', scope, options)
      return (await loadPushing()).pushOne(ends, subject, long)
    })
  }

  /**
   * Pushes all versions of an artifact, the oldest first, and returns a result for each. One that somebody
   * deleted at the target stays deleted, which its result reports. After a failure, pushed versions stay, and
   * the next call continues after them. Throws the same errors as `push`, except `version_deleted`.
   */
  pushAll(...given: PushAllArguments): Promise<PushResult[]> {
    return this.#about('pushAll', given, async (scope, subject, options) => {
      const { ends, long } = await this.#ends('pushAll', scope, options)
      return (await loadPushing()).pushAll(ends, subject, long)
    })
  }

  async #ends(
    call: 'push' | 'pushAll',
    source: Scope,
    { to, into = {}, ...long }: PushOptions,
  ): Promise<{ ends: PushEnds; long: LongCallOptions }> {
    await checkLate('push, { into }', into)
    if (!(#parts in to)) {
      throw new TrackwayError(
        'option_invalid',
        `${call}: { to } must be a session of this copy of @trackway/sdk, as returned by its login`,
      )
    }
    const target = {
      connection: to.#parts.connection,
      team: parseName('team', into.team ?? to.team),
      experiment: parseName('experiment', into.experiment ?? source.experiment),
    }
    const name = into.name === undefined ? undefined : parseArtifactName(into.name)
    return { ends: { source, target, name }, long: { ...long, quiet: long.quiet ?? this.#parts.voice.quiet } }
  }

  #printOnce(text: string): void {
    if (this.#said.has(text)) return
    this.#said.add(text)
    this.#parts.voice.print(text)
  }

  /**
   * Points an alias at a version: `session.setAlias('dataset/sample:V2', 'production')`, or name, type, alias
   * and revision. With `expected`, only if it currently points at that tag (null: does not exist); otherwise
   * it throws `alias_moved`.
   */
  setAlias(...given: SetAliasArguments): Promise<Alias> {
    return this.#about('setAlias', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).setAlias(scope, subject, options),
    )
  }

  /** Removes an alias; the version stays. */
  removeAlias(...given: AliasArguments<AliasOptions>): Promise<Alias> {
    return this.#about('removeAlias', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).removeAlias(scope, subject, options),
    )
  }

  /**
   * Deletes a version by its tag. Its data is kept for a week, in which `restoreVersion` restores it; its tag
   * is never reused. Deleting it again changes nothing. Requires the role `admin`. Throws `alias_in_use`
   * while an alias points at it, `forbidden`, `not_found`.
   */
  deleteVersion(...given: TagArguments): Promise<Tombstone> {
    return this.#about('deleteVersion', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).deleteVersion(scope, subject, options),
    )
  }

  /**
   * Restores a deleted version: for a week that always succeeds, later until a sweep removes its data.
   * Requires the role `admin`. Throws `version_deleted` if it is too late, `forbidden`, `not_found`.
   */
  restoreVersion(...given: TagArguments): Promise<VersionRecord> {
    return this.#about('restoreVersion', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).restoreVersion(scope, subject, options),
    )
  }

  /**
   * Deletes versions of the experiment by rule, such as `{ keepLast: 3, olderThanDays: 30 }`; with `dryRun`
   * it only reports which, and how many bytes that would free. A version is deleted if it matches every given
   * rule. Versions that an alias points at, and the newest version of each artifact, are kept. Requires the
   * role `admin`. Throws `option_invalid`, `forbidden`.
   */
  applyRetention(rules: RetentionRules, options: ScopeOptions = {}): Promise<RetentionAnswer> {
    return this.#at('applyRetention', options, async (scope) =>
      (await loadArtifactCalls()).applyRetention(scope, rules, options),
    )
  }

  /**
   * The names of the team's experiments, in alphabetical order. An experiment exists from its first run or
   * version on. Throws `forbidden`, `name_invalid`.
   */
  listExperiments(options: TeamOptions = {}): Promise<string[]> {
    return this.#at('listExperiments', options, async ({ connection, team }) =>
      (await loadRunCalls()).listExperiments(connection, team, options),
    )
  }

  /** The artifacts of the experiment, each with its newest version and its aliases; of one type or of all. */
  listArtifacts(options: ListArtifactsOptions = {}): Promise<ArtifactSummary[]> {
    return this.#at('listArtifacts', options, async (scope) =>
      (await loadArtifactCalls()).listArtifacts(scope, options),
    )
  }

  /**
   * The record of a version, without its entries, and the aliases that point at it. Throws `not_found`,
   * `version_deleted`, `revision_invalid`.
   */
  getVersion(...given: VersionArguments): Promise<Version> {
    return this.#about('getVersion', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).getVersion(scope, subject, options),
    )
  }

  /**
   * The versions of an artifact, the newest first. With `deleted` also deleted ones, which have `deleted:
   * true`; `restoreVersion` may restore them.
   */
  listVersions(...given: ArtifactArguments<ListVersionsOptions>): Promise<ListedVersion[]> {
    return this.#about('listVersions', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).listVersions(scope, subject, options),
    )
  }

  /**
   * Changes the description or the metadata of a version; what is omitted is kept, and metadata is replaced
   * as a whole. The content, its digest and the original description and metadata are kept:
   * `getVersionHistory` lists all of them. Requires the role `write`. Throws `not_found`, `version_deleted`,
   * `option_invalid`, `forbidden`.
   */
  updateVersion(...given: UpdateArguments): Promise<VersionRecord> {
    return this.#about('updateVersion', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).updateVersion(scope, subject, options),
    )
  }

  /**
   * The descriptions of a version, with time and author, the newest first: at most 100. The last one is the
   * original. Throws `not_found`, `version_deleted`, `revision_invalid`.
   */
  getVersionHistory(...given: VersionArguments): Promise<VersionDescription[]> {
    return this.#about('getVersionHistory', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).getVersionHistory(scope, subject, options),
    )
  }

  /**
   * The moves of an alias, with author, time and target, the newest first: at most 100. Throws `not_found`
   * for an alias that never existed, naming the existing ones.
   */
  getAliasHistory(...given: AliasArguments): Promise<AliasMove[]> {
    return this.#about('getAliasHistory', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).getAliasHistory(scope, subject, options),
    )
  }

  /** The aliases of an artifact and the tags that they point at. */
  listAliases(...given: ArtifactArguments): Promise<Record<string, Tag>> {
    return this.#about('listAliases', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).listAliases(scope, subject, options),
    )
  }

  /** Which run made a version, and which runs read it. */
  getLineage(...given: VersionArguments): Promise<Lineage> {
    return this.#about('getLineage', given, async (scope, subject, options) =>
      (await loadArtifactCalls()).getLineage(scope, subject, options),
    )
  }

  /** The runs of the experiment. */
  listRuns(options: ScopeOptions = {}): Promise<RunDocument[]> {
    return this.#at('listRuns', options, async (scope) => (await loadRunCalls()).listRuns(scope, options))
  }

  /** A run, with the versions that it read and made. */
  getRun(run: string, options: ScopeOptions = {}): Promise<RunSummary> {
    return this.#at('getRun', options, async (scope) => (await loadRunCalls()).getRun(scope, run, options))
  }

  /**
   * The values that a run logged, those of each process in the order in which it logged them. Throws
   * `not_found`.
   */
  getLog(run: string, options: ScopeOptions = {}): Promise<LoggedValue[]> {
    return this.#at('getLog', options, async (scope) => {
      await this.run?.flush({ signal: options.signal })
      return (await loadRunCalls()).getLog(scope, run, options)
    })
  }

  /** Ends the run in progress, if there is one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.run?.[Symbol.asyncDispose]()
  }

  /** Performs an operation on an artifact or a version, given by a spec or by name and type. */
  async #about<Name extends CallName & SubjectCall, Options extends ScopeOptions, T>(
    call: CallWith<Name, Options> & Name,
    given: readonly (string | ArtifactOptions | Options | undefined)[],
    work: (scope: Scope, subject: Subject, options: Options) => Promise<T>,
  ): Promise<T> {
    const { readArguments } = await loadPart(() => import('./call-arguments.ts'))
    const { subject, options } = readArguments(call, given)
    // Checked by `#at`, for callers without types.
    const known = (options === undefined ? {} : options) as Options
    return this.#at<Name, Options, T>(call, known, (scope) => work(scope, subject, known))
  }

  /**
   * Performs an operation in the team and experiment of the options, else of the run in progress, else of the
   * session.
   */
  async #at<Name extends CallName, Options extends ScopeOptions, T>(
    call: CallWith<Name, Options> & Name,
    options: Options,
    work: (scope: Scope) => Promise<T>,
  ): Promise<T> {
    const current = this.#current
    await checkLate<Name, Options>(call, options)
    const { connection, voice } = this.#parts
    const { team, experiment } = this.#namesOf(options, current?.run)
    return work({
      connection: 'quiet' in options && options.quiet ? connection.quietly : connection,
      team,
      quiet: voice.quiet,
      experiment,
      // A run belongs to a team, and so does its lineage.
      ...(current && foldName(current.run.team) === foldName(team) && { run: current.scopeRun }),
    })
  }

  #namesOf(options: ScopeOptions, run = this.run) {
    return {
      team: parseName('team', options.team ?? run?.team ?? this.team),
      experiment: parseName('experiment', options.experiment ?? run?.experiment ?? this.experiment),
    }
  }
}

function loadVersions() {
  return loadPart(() => import('../artifact/get-artifact.ts'))
}

function loadArtifactCalls() {
  return loadPart(() => import('./artifact-calls.ts'))
}

function loadRunCalls() {
  return loadPart(() => import('./run-calls.ts'))
}

function loadPushing() {
  return loadPart(() => import('../push/push.ts'))
}
