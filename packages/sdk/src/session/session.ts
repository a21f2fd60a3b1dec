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
import type { Place, PlaceRun } from '../client/scope.ts'
import type { Run } from './run.ts'
import type {
  AliasArguments,
  AliasOptions,
  ArtifactArguments,
  FetchArguments,
  InitOptions,
  ListArtifactsOptions,
  ListVersionsOptions,
  PlaceOptions,
  RetentionRules,
  SetAliasArguments,
  TagArguments,
  TeamOptions,
  UpdateArguments,
  VersionArguments,
} from './session-options.ts'

/** Where a push goes, and how. */
export interface PushOptions extends PlaceOptions, LongCallOptions {
  /** A session of the other store. It may be this very one where `into` names another place. */
  to: Session
  /** Where it goes there. */
  into?: PushPlace | undefined
}

/** The place at the target of a push, as far as it differs. */
export interface PushPlace {
  /** Default: the team of the other session. */
  team?: string | undefined
  /** Default: the experiment of the same name, which does not have to exist. */
  experiment?: string | undefined
  /** What the artifact is called there. Default: what it is called here. */
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
  place: 'server' | 'folder' | 'bucket'
  voice: Voice
}

/** A run, and how what is done within it knows it. */
export interface BegunRun {
  run: Run
  place: PlaceRun
}

/** Tells people something, unless they want it quiet. */
export interface Voice {
  /** Whether nothing is shown, unless a call says otherwise. */
  quiet: boolean
  print: (text: string) => void
}

/**
 * A login: who one is, where the data goes, and which run is under way. Nothing in it shows the API key.
 *
 * Every method throws `option_invalid` for an option that it does not know, naming the nearest one, and for a value of
 * the wrong kind, and `name_invalid` for a name that is not one, before it sends anything. An option that is undefined
 * is left out.
 */
export class Session {
  /** Where the data goes: the server's address, or the folder or bucket of a store without one. */
  readonly url: string
  /** Who is logged in. */
  readonly user: string
  /** Where things go unless a team is named. */
  readonly team: string
  /** Where things go unless an experiment is named or a run is under way: what `init` takes by default. */
  readonly experiment: string
  /** The name of the store, which no other store has. */
  readonly storeId: string
  readonly #parts: SessionParts
  /** The run under way, and how what is done within it knows it. */
  #current: BegunRun | undefined
  /** Whether nothing is shown outside a run that says otherwise. */
  readonly #quiet: boolean
  /** What was said that is worth saying only once. */
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
      const { place, team, experiment } = session.#parts
      const { run } = session
      return {
        url,
        note: notes[place],
        user,
        team: run?.team ?? team,
        experiment: run?.experiment ?? experiment,
        run: run?.name,
      }
    })
  }

  /** The run under way: from `init` until it is finished. */
  get run(): Run | undefined {
    return this.#current?.run
  }

  /**
   * Begins a run, or continues the one of that name, and makes it the one that this session works in until it is
   * finished. Says once where the data goes. Throws `name_invalid`, `option_invalid`, `forbidden`, `not_found`.
   */
  init<Config extends object = Metadata>(options?: InitOptions<Config>): Promise<Run>
  /**
   * Runs `work` in a run, and returns its result. Afterwards the run is `finished` or, where `work` threw, `failed` with
   * the error's message; that error is thrown.
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
      throw new TrackwayError('option_invalid', 'init: what is done in the run has to be a function')
    const scope = this.#namesOf(options)
    const { connection, baseUrl, place, voice } = this.#parts
    const { beginRun, runWithin } = await loadPart(() => import('./begin-run.ts'))
    const where = { ...scope, connection, baseUrl, isServer: place === 'server', print: voice.print }
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
    const note = notes[this.#parts.place]
    return [
      `Trackway run ${name}`,
      `  team        ${team}`,
      `  experiment  ${experiment}`,
      `  data        ${this.url}${note}`,
      `  run         ${url}`,
    ].join('\n')
  }

  /**
   * A version of an artifact with its entries, whose bytes are fetched when they are read: by its spec, such as
   * `'dataset/sample:V2'`, or by name, type and revision, which is a tag, an alias, `latest` (default), or `sha256:` with
   * at least 12 hex digits. Within a run, it is recorded that the run read it. Throws `not_found`, naming what is near,
   * `revision_invalid`.
   */
  getArtifact(...given: VersionArguments): Promise<Artifact> {
    return this.#about('getArtifact', given, async (place, { name, type, revision }, options) => {
      // What reads its bytes, which is wanted next, comes at the same time.
      const [{ getArtifact }] = await Promise.all([loadVersions(), loadReading()])
      return getArtifact(place, name, type, revision, options)
    })
  }

  /**
   * Makes the next version of an artifact: see `UploadOptions` for what happens when somebody else was faster. Where the
   * content is that of the version that it started from, or of one made since, nothing is made and that version is the
   * result.
   */
  async uploadArtifact(
    artifact: Artifact,
    options: UploadOptions & PlaceOptions = {},
  ): Promise<UploadResult> {
    // As they are now, whatever is added while this waits.
    const contents = contentsOf(artifact)
    return this.#at('uploadArtifact', options, async (place) => {
      const { uploadArtifact } = await loadPart(() => import('../artifact/upload-artifact.ts'))
      return uploadArtifact(place, artifact, options, contents)
    })
  }

  /**
   * The local path of a version, or of a file of it: `await session.fetchAsset('dataset/sample:V2[train.csv]')`. It is
   * brought into the assets directory (TRACKWAY_ASSETS_DIR, by default in the user's cache) unless it is there. What is
   * there and pinned by a tag or a whole digest costs no request. Without a revision, or with `latest` or an alias, the
   * server is asked which version is meant; where it cannot be reached, the latest that is here is taken, or the one
   * that the alias meant the last time.
   *
   * The files are for reading: versions may share them, so that nobody has the permission to write to them. `download`
   * to a folder of your own gives files to change.
   *
   * Throws `revision_invalid`, `not_found`, `integrity_error`, `network_error`, `file_error`, `aborted`.
   */
  fetchAsset(...given: FetchArguments): Promise<string> {
    return this.#about('fetchAsset', given, async (place, subject, options) => {
      const quiet = options.quiet ?? this.#parts.voice.quiet
      const { fetchAsset } = await loadPart(() => import('../assets/fetch-asset.ts'))
      const print = quiet ? () => {} : (text: string) => this.#printOnce(text)
      return fetchAsset(place, subject, { ...options, quiet, print })
    })
  }

  /**
   * Copies a version to another store, with its digests, its description and metadata, and where it came from: from a
   * folder to a server, from a server to a bucket, from any session to any other. It is given by a spec, such as
   * `'dataset/sample:V2'`, or by name, type and revision; the latest by default. Only what is missing there is sent.
   *
   * Pushing again changes nothing: what the target has is the result, with `created: false`. A version keeps its origin
   * however often it is pushed on, so that it is known also where it came from. Runs and aliases do not travel.
   * `concurrency` holds for each of the two stores.
   *
   * Throws `version_deleted` where the target had the version and somebody deleted it there, `not_found`, `forbidden`,
   * `too_large` where the target takes less than its manifest or number of entries, `integrity_error`, `option_invalid`,
   * `revision_invalid`, `network_error`, `aborted`.
   */
  push(...given: PushArguments): Promise<PushResult> {
    return this.#about('push', given, async (place, subject, options) => {
      const { ends, long } = await this.#ends('push', place, options)
      return (await loadPushing()).pushOne(ends, subject, long)
    })
  }

  /**
   * Pushes all versions of an artifact, the oldest first, and returns what came of each. One that somebody deleted at
   * the target stays deleted, which its result says. After a failure those that were pushed stay, and the next call
   * continues after them. Throws as `push` does, but for `version_deleted`.
   */
  pushAll(...given: PushAllArguments): Promise<PushResult[]> {
    return this.#about('pushAll', given, async (place, subject, options) => {
      const { ends, long } = await this.#ends('pushAll', place, options)
      return (await loadPushing()).pushAll(ends, subject, long)
    })
  }

  async #ends(
    call: 'push' | 'pushAll',
    source: Place,
    { to, into = {}, ...long }: PushOptions,
  ): Promise<{ ends: PushEnds; long: LongCallOptions }> {
    await checkLate('push, { into }', into)
    if (!(#parts in to)) {
      throw new TrackwayError(
        'option_invalid',
        `${call}: { to } has to be a session of this copy of @trackway/sdk, which its login gives`,
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
   * Points an alias at a version: `session.setAlias('dataset/sample:V2', 'production')`, or name, type, alias and
   * revision. With `expected`, only if it points there now (null: nowhere), otherwise it throws `alias_moved`.
   */
  setAlias(...given: SetAliasArguments): Promise<Alias> {
    return this.#about('setAlias', given, async (place, subject, options) =>
      (await loadArtifactCalls()).setAlias(place, subject, options),
    )
  }

  /** Removes an alias; the version stays. */
  removeAlias(...given: AliasArguments<AliasOptions>): Promise<Alias> {
    return this.#about('removeAlias', given, async (place, subject, options) =>
      (await loadArtifactCalls()).removeAlias(place, subject, options),
    )
  }

  /**
   * Deletes a version by its tag. Its data stays for a week, in which `restoreVersion` brings it back; its tag is never
   * given again. Deleting it again changes nothing. Needs the role `admin`. Throws `alias_in_use` while an alias points at
   * it, `forbidden`, `not_found`.
   */
  deleteVersion(...given: TagArguments): Promise<Tombstone> {
    return this.#about('deleteVersion', given, async (place, subject, options) =>
      (await loadArtifactCalls()).deleteVersion(place, subject, options),
    )
  }

  /**
   * Restores a deleted version: for a week that always succeeds, later as long as no sweep has taken its data. Needs the
   * role `admin`. Throws `version_deleted` where it is too late, `forbidden`, `not_found`.
   */
  restoreVersion(...given: TagArguments): Promise<VersionRecord> {
    return this.#about('restoreVersion', given, async (place, subject, options) =>
      (await loadArtifactCalls()).restoreVersion(place, subject, options),
    )
  }

  /**
   * Deletes versions of the experiment by rule, such as `{ keepLast: 3, olderThanDays: 30 }`; with `dryRun` it only says
   * which, and how many bytes that frees. A version goes where every rule given says so. What an alias points at stays,
   * and so does the newest version of each artifact. Needs the role `admin`. Throws `option_invalid`, `forbidden`.
   */
  applyRetention(rules: RetentionRules, options: PlaceOptions = {}): Promise<RetentionAnswer> {
    return this.#at('applyRetention', options, async (place) =>
      (await loadArtifactCalls()).applyRetention(place, rules, options),
    )
  }

  /**
   * The names of the team's experiments, in the order of the alphabet. One begins to exist with its first run or version.
   * Throws `forbidden`, `name_invalid`.
   */
  listExperiments(options: TeamOptions = {}): Promise<string[]> {
    return this.#at('listExperiments', options, async ({ connection, team }) =>
      (await loadRunCalls()).listExperiments(connection, team, options),
    )
  }

  /** The artifacts of the experiment, each with its newest version and its aliases; of one type or of all. */
  listArtifacts(options: ListArtifactsOptions = {}): Promise<ArtifactSummary[]> {
    return this.#at('listArtifacts', options, async (place) =>
      (await loadArtifactCalls()).listArtifacts(place, options),
    )
  }

  /**
   * What is recorded of a version, without its entries, and which aliases point at it. Throws `not_found`,
   * `version_deleted`, `revision_invalid`.
   */
  getVersion(...given: VersionArguments): Promise<Version> {
    return this.#about('getVersion', given, async (place, subject, options) =>
      (await loadArtifactCalls()).getVersion(place, subject, options),
    )
  }

  /**
   * The versions of an artifact, the newest first. With `deleted` also those that were deleted, which say
   * `deleted: true`; `restoreVersion` may bring them back.
   */
  listVersions(...given: ArtifactArguments<ListVersionsOptions>): Promise<ListedVersion[]> {
    return this.#about('listVersions', given, async (place, subject, options) =>
      (await loadArtifactCalls()).listVersions(place, subject, options),
    )
  }

  /**
   * Changes the description or the metadata of a version; what is left out stays, and metadata is replaced as a whole.
   * The content, its digest and what the version was made with stay as they are: `getVersionHistory` has all. Needs the
   * role `write`. Throws `not_found`, `version_deleted`, `option_invalid`, `forbidden`.
   */
  updateVersion(...given: UpdateArguments): Promise<VersionRecord> {
    return this.#about('updateVersion', given, async (place, subject, options) =>
      (await loadArtifactCalls()).updateVersion(place, subject, options),
    )
  }

  /**
   * What a version was described as, when and by whom, the newest first: at most 100 times. The last is what it was made
   * with. Throws `not_found`, `version_deleted`, `revision_invalid`.
   */
  getVersionHistory(...given: VersionArguments): Promise<VersionDescription[]> {
    return this.#about('getVersionHistory', given, async (place, subject, options) =>
      (await loadArtifactCalls()).getVersionHistory(place, subject, options),
    )
  }

  /**
   * Who moved an alias, when and where to, the newest move first: at most 100. Throws `not_found` for an alias that
   * never was, naming those that there are.
   */
  getAliasHistory(...given: AliasArguments): Promise<AliasMove[]> {
    return this.#about('getAliasHistory', given, async (place, subject, options) =>
      (await loadArtifactCalls()).getAliasHistory(place, subject, options),
    )
  }

  /** The aliases of an artifact and the tags that they point at. */
  listAliases(...given: ArtifactArguments): Promise<Record<string, Tag>> {
    return this.#about('listAliases', given, async (place, subject, options) =>
      (await loadArtifactCalls()).listAliases(place, subject, options),
    )
  }

  /** Which run made a version, and which runs read it. */
  getLineage(...given: VersionArguments): Promise<Lineage> {
    return this.#about('getLineage', given, async (place, subject, options) =>
      (await loadArtifactCalls()).getLineage(place, subject, options),
    )
  }

  /** The runs of the experiment. */
  listRuns(options: PlaceOptions = {}): Promise<RunDocument[]> {
    return this.#at('listRuns', options, async (place) => (await loadRunCalls()).listRuns(place, options))
  }

  /** A run, which versions it read and which it made. */
  getRun(run: string, options: PlaceOptions = {}): Promise<RunSummary> {
    return this.#at('getRun', options, async (place) => (await loadRunCalls()).getRun(place, run, options))
  }

  /** The values that a run logged, those of each process in the order in which it logged them. Throws `not_found`. */
  getLog(run: string, options: PlaceOptions = {}): Promise<LoggedValue[]> {
    return this.#at('getLog', options, async (place) => {
      await this.run?.flush({ signal: options.signal })
      return (await loadRunCalls()).getLog(place, run, options)
    })
  }

  /** Ends the run that is under way, if there is one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.run?.[Symbol.asyncDispose]()
  }

  /** Does something with an artifact or a version, given by a spec or by name and type. */
  async #about<Name extends CallName & SubjectCall, Options extends PlaceOptions, T>(
    call: CallWith<Name, Options> & Name,
    given: readonly (string | ArtifactOptions | Options | undefined)[],
    work: (place: Place, subject: Subject, options: Options) => Promise<T>,
  ): Promise<T> {
    const { readArguments } = await loadPart(() => import('./call-arguments.ts'))
    const { subject, options } = readArguments(call, given)
    // Held to its kind by `#at`, for callers without types.
    const known = (options === undefined ? {} : options) as Options
    return this.#at<Name, Options, T>(call, known, (place) => work(place, subject, known))
  }

  /** Does something in the team and the experiment of the options, else of the run under way, else of the session. */
  async #at<Name extends CallName, Options extends PlaceOptions, T>(
    call: CallWith<Name, Options> & Name,
    options: Options,
    work: (place: Place) => Promise<T>,
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
      ...(current && foldName(current.run.team) === foldName(team) && { run: current.place }),
    })
  }

  #namesOf(options: PlaceOptions, run = this.run) {
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
