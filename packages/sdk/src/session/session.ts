import {
  foldName,
  parseArtifactName,
  parseName,
  parseTag,
  routePath,
  TrackwayError,
  type Alias,
  type AliasMove,
  type ArtifactSummary,
  type Lineage,
  type ListedVersion,
  type Metadata,
  type Page,
  type RetentionAnswer,
  type RetentionRequest,
  type RunDocument,
  type RunSummary,
  type Tag,
  type Tombstone,
  type Version,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import { showEverywhere, showInNotebooks } from '#platform'
import { contentsOf, type Artifact, type ArtifactOptions } from '../artifact/artifact.ts'
import { checkMetadata } from '../artifact/check-metadata.ts'
import type { FetchAssetOptions } from '../assets/download-asset.ts'
import { loadReading } from '../artifact/entry.ts'
import type { GetArtifactOptions } from '../artifact/get-artifact.ts'
import type { LongCallOptions } from '../artifact/long-call-options.ts'
import type { UploadOptions } from '../artifact/upload-artifact.ts'
import type { UploadResult } from '../artifact/upload-result.ts'
import { NotInitializedError } from '../errors.ts'
import type { Connection, RequestInput } from '../http/connection.ts'
import type { JsonOf } from '../json-of.ts'
import { loadPart } from '../load-part.ts'
import type { CallName, CallWith } from '../options/calls.ts'
import { checkLate } from '../options/check-late.ts'
import type { PushEnds } from '../push/push.ts'
import type { PushResult } from '../push/push-versions.ts'
import { createCommitId } from '../transfer/commit-id.ts'
import type { Place, PlaceRun } from './place.ts'
import { loggedValue, type LoggedValue } from './logged-value.ts'
import type { Run } from './run.ts'

/** Which experiment of which team is meant, where it is not the one of the run. */
export interface PlaceOptions {
  /** Default: the run's, or the session's. */
  team?: string | undefined
  /** Default: the run's. */
  experiment?: string | undefined
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** How a run begins. */
export interface InitOptions<Config extends object = Metadata> {
  /** Default: the session's. */
  team?: string | undefined
  /** Default: the session's, which is `uncategorized` unless configured. */
  experiment?: string | undefined
  /** A name; a run that has it already is continued. Default: one that the server makes, such as `sable-life-1`. */
  run?: string | undefined
  /** What the run was configured with: a JSON object of at most 64 KiB, of plain objects, lists and finite numbers. */
  config?: (Config & JsonOf<Config>) | undefined
  /** Prints nothing, here and in what is done in the run. Default: as the session. */
  quiet?: boolean | undefined
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

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
  /** Default: the experiment of the same name, which need not exist. */
  experiment?: string | undefined
  /** What the artifact is called there. Default: what it is called here. */
  name?: string | undefined
}

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
  #run: Run | undefined
  /** The same run, as what is done within it knows it. */
  #placeRun: PlaceRun | undefined
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
      const run = session.#run?.state === 'running' ? session.#run : undefined
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

  /** The run that is under way. */
  get run(): Run | undefined {
    return this.#run
  }

  /**
   * Begins a run, or continues the one of that name, and makes it the one that this session works in. Says once where
   * the data goes. Throws `name_invalid`, `option_invalid`, `forbidden`, `not_found`.
   */
  async init<Config extends object = Metadata>(options: InitOptions<Config> = {}): Promise<Run> {
    await checkLate('init', options)
    const { connection, baseUrl, place, voice } = this.#parts
    const team = parseName('team', options.team ?? this.team)
    const experiment = parseName('experiment', options.experiment ?? this.experiment)
    const config = options.config === undefined ? {} : { config: checkMetadata(options.config, 'config') }
    const { placeOf, Run } = await loadPart(() => import('./run.ts'))
    const document = await (options.quiet ? connection.quietly : connection).call('createRun', {
      attempted: `Beginning a run in ${team}/${experiment}`,
      parameters: { team, experiment },
      body: {
        commitId: createCommitId(),
        ...(options.run !== undefined && { run: parseName('run', options.run) }),
        ...config,
      },
      signal: options.signal,
    })
    const { run: name } = document
    const path =
      place === 'server'
        ? routePath('getRun', { team, experiment, run: name })
        : `/t/${foldName(team)}/r/${foldName(experiment)}/${foldName(name)}`
    const run = new Run({ connection, document, url: baseUrl + path, print: voice.print })
    this.#run = run
    this.#placeRun = placeOf(run)
    voice.quiet = options.quiet ?? this.#quiet
    voice.print(this.#describe(run))
    return run
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
   * A version of an artifact with its entries, whose bytes are fetched when they are read. `revision` is a tag, an
   * alias, `latest` (default), or `sha256:` with at least 12 hex digits. Within a run, it is recorded that the run read
   * it. Throws `not_found`, naming what is near, `revision_invalid`, `NotInitializedError`.
   */
  getArtifact(
    name: string,
    type: string,
    revision?: string,
    options: PlaceOptions & GetArtifactOptions = {},
  ): Promise<Artifact> {
    return this.#at('getArtifact', options, async (place) => {
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
   * server is asked which version is meant; where it cannot be reached, the latest that lies here is taken, or the one
   * that the alias meant the last time.
   *
   * The files are for reading: versions may share them, so that nobody has the permission to write to them. `download`
   * to a folder of your own gives files to change. It needs no `init`: without a run, the session's experiment is meant.
   *
   * Throws `revision_invalid`, `not_found`, `integrity_error`, `network_error`, `file_error`, `aborted`.
   */
  fetchAsset(spec: string, options: FetchAssetOptions & PlaceOptions = {}): Promise<string> {
    const work = async (place: Place) => {
      const quiet = options.quiet ?? this.#parts.voice.quiet
      const { fetchAsset } = await loadPart(() => import('../assets/fetch-asset.ts'))
      return fetchAsset(place, spec, {
        ...options,
        quiet,
        print: quiet ? () => {} : (text) => this.#printOnce(text),
      })
    }
    return this.#at('fetchAsset', options, work, this.experiment)
  }

  /**
   * Copies a version to another store, with its digests, its description and metadata, and where it came from: from a
   * folder to a server, from a server to a bucket, from any session to any other. `spec` is `type/name`, which means the
   * latest version, or `type/name:V2`, with a tag, an alias or a digest. Only what is missing there is sent.
   *
   * Pushing again changes nothing: what the target has is the answer, with `created: false`. A version keeps its origin
   * however often it is pushed on, so that it is known also where it came from. Runs and aliases do not travel. It needs
   * no `init`, on either side. `concurrency` holds for each of the two stores.
   *
   * Throws `version_deleted` where the target had the version and somebody deleted it there, `not_found`, `forbidden`,
   * `too_large` where the target takes less than its manifest or number of entries, `integrity_error`, `option_invalid`,
   * `revision_invalid`, `network_error`, `aborted`.
   */
  push(spec: string, options: PushOptions): Promise<PushResult> {
    return this.#push('push', options, async (ends, long) => (await loadPushing()).pushOne(ends, spec, long))
  }

  /**
   * Pushes all versions of an artifact, `type/name`, the oldest first, and answers what came of each. One that somebody
   * deleted at the target stays deleted, which its result says. After a failure those that were pushed stay, and the next
   * call goes on behind them. Throws as `push` does, but for `version_deleted`.
   */
  pushAll(spec: string, options: PushOptions): Promise<PushResult[]> {
    return this.#push('pushAll', options, async (ends, long) =>
      (await loadPushing()).pushAll(ends, spec, long),
    )
  }

  #push<Result>(
    call: 'push' | 'pushAll',
    options: PushOptions,
    push: (ends: PushEnds, long: LongCallOptions) => Promise<Result>,
  ): Promise<Result> {
    const work = async (source: Place) => {
      const { to, into = {}, ...long } = options
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
      return push({ source, target, name }, { ...long, quiet: long.quiet ?? this.#parts.voice.quiet })
    }
    return this.#at(call, options, work, this.experiment)
  }

  #printOnce(text: string): void {
    if (this.#said.has(text)) return
    this.#said.add(text)
    this.#parts.voice.print(text)
  }

  /**
   * Points an alias at a version: a tag, another alias, `latest` or a digest. With `expected`, only if it points there
   * now (null: nowhere), otherwise it throws `alias_moved`.
   */
  async setAlias(
    name: string,
    type: string,
    alias: string,
    revision: string,
    options: PlaceOptions & { expected?: string | null | undefined } = {},
  ): Promise<Alias> {
    return this.#at('setAlias', options, async (place) => {
      const { connection, team, experiment } = place
      parseName('alias', alias) // Before the version is looked up.
      const parameters = { team, experiment, ...parseSpecParts(name, type) }
      const attempted = `Pointing the alias ${alias} of ${type}/${name} at ${revision}`
      const { signal } = options
      const { askVersion } = await loadAsking()
      const spec = { ...parseSpecParts(name, type), revision }
      const { tag } = (await askVersion(place, { attempted, ...spec, signal })).version
      return this.#moveAlias(connection, { ...parameters, alias }, { attempted, tag, ...options })
    })
  }

  /** Removes an alias; the version stays. */
  removeAlias(
    name: string,
    type: string,
    alias: string,
    options: PlaceOptions & { expected?: string | null | undefined } = {},
  ): Promise<Alias> {
    return this.#at('removeAlias', options, ({ connection, team, experiment }) => {
      const parameters = { team, experiment, ...parseSpecParts(name, type), alias }
      const attempted = `Removing the alias ${alias} of ${type}/${name}`
      return this.#moveAlias(connection, parameters, { attempted, tag: null, ...options })
    })
  }

  #moveAlias(
    connection: Connection,
    { alias, ...parameters }: Record<'team' | 'experiment' | 'type' | 'name' | 'alias', string>,
    {
      attempted,
      tag,
      expected,
      signal,
    }: {
      attempted: string
      tag: Tag | null
      expected?: string | null | undefined
      signal?: AbortSignal | undefined
    },
  ): Promise<Alias> {
    const expectation =
      expected === undefined ? {} : { expected: expected === null ? null : parseTag(expected) }
    return connection.call('moveAlias', {
      attempted,
      parameters: { ...parameters, alias: parseName('alias', alias) },
      body: { tag, ...expectation },
      signal,
    })
  }

  /**
   * Deletes a version by its tag. Its data stays for a week, in which `restoreVersion` brings it back; its tag is never
   * given again. Deleting it again changes nothing. Needs the role `admin`. Throws `alias_in_use` while an alias points at
   * it, `forbidden`, `not_found`.
   */
  deleteVersion(name: string, type: string, tag: string, options: PlaceOptions = {}): Promise<Tombstone> {
    return this.#at('deleteVersion', options, ({ connection, team, experiment }) =>
      connection.call('deleteVersion', {
        attempted: `Deleting ${type}/${name}:${tag}`,
        parameters: { team, experiment, ...parseSpecParts(name, type), tag: parseTag(tag) },
        signal: options.signal,
      }),
    )
  }

  /**
   * Takes back that a version was deleted: for a week that always succeeds, later as long as no sweep has taken its
   * data. Needs the role `admin`. Throws `version_deleted` where it is too late, `forbidden`, `not_found`.
   */
  restoreVersion(
    name: string,
    type: string,
    tag: string,
    options: PlaceOptions = {},
  ): Promise<VersionRecord> {
    return this.#at('restoreVersion', options, ({ connection, team, experiment }) =>
      connection.call('restoreVersion', {
        attempted: `Restoring ${type}/${name}:${tag}`,
        parameters: { team, experiment, ...parseSpecParts(name, type), tag: parseTag(tag) },
        signal: options.signal,
      }),
    )
  }

  /**
   * Deletes versions of the experiment by rule, such as `{ keepLast: 3, olderThanDays: 30 }`; with `dryRun` it only says
   * which, and how many bytes that frees. A version goes where every rule given says so. What an alias points at stays,
   * and so does the newest version of each artifact. Needs the role `admin`. Throws `option_invalid`, `forbidden`.
   */
  applyRetention(rules: RetentionRequest, options: PlaceOptions = {}): Promise<RetentionAnswer> {
    return this.#at('applyRetention', options, async ({ connection, team, experiment }) => {
      await checkLate('applyRetention, the rules', rules)
      return connection.call('applyRetention', {
        attempted: `Applying retention rules to ${team}/${experiment}`,
        parameters: { team, experiment },
        body: rules,
        signal: options.signal,
      })
    })
  }

  /**
   * The names of the team's experiments, in the order of the alphabet. One begins to exist with its first run or version.
   * It needs no `init`. Throws `forbidden`, `name_invalid`.
   */
  async listExperiments(options: Omit<PlaceOptions, 'experiment'> = {}): Promise<string[]> {
    await checkLate('listExperiments', options)
    const team = parseName('team', options.team ?? this.#run?.team ?? this.team)
    const asked = {
      attempted: `Listing the experiments of ${team}`,
      parameters: { team },
      query: { limit: '1000' },
      signal: options.signal,
    }
    const experiments = await readAll(asked, (page) => this.#parts.connection.call('listExperiments', page))
    return experiments.map(({ experiment }) => experiment)
  }

  /** The artifacts of the experiment, each with its newest version and its aliases; of one type or of all. */
  listArtifacts(options: PlaceOptions & { type?: string | undefined } = {}): Promise<ArtifactSummary[]> {
    return this.#at('listArtifacts', options, async ({ connection, team, experiment }) => {
      const { type, signal } = options
      const asked = {
        attempted: `Listing the artifacts of ${team}/${experiment}`,
        parameters: { team, experiment },
        query: { type: type === undefined ? undefined : parseName('type', type) },
        signal,
      }
      const artifacts = await readAll(asked, (page) => connection.call('listArtifacts', page))
      return showInNotebooks('artifacts', artifacts, (list) => list)
    })
  }

  /**
   * What is recorded of a version, without its entries, and which aliases point at it. `revision` as for `getArtifact`.
   * Throws `not_found`, `version_deleted`, `revision_invalid`.
   */
  getVersion(name: string, type: string, revision = 'latest', options: PlaceOptions = {}): Promise<Version> {
    return this.#at('getVersion', options, async (place) => {
      const { askVersion } = await loadAsking()
      const { signal } = options
      return (await askVersion(place, { ...parseSpecParts(name, type), revision, signal })).version
    })
  }

  /**
   * The versions of an artifact, the newest first. With `deleted` also those that were deleted, which say
   * `deleted: true`; `restoreVersion` may bring them back.
   */
  listVersions(
    name: string,
    type: string,
    options: PlaceOptions & { deleted?: boolean | undefined } = {},
  ): Promise<ListedVersion[]> {
    return this.#at('listVersions', options, async ({ connection, team, experiment }) => {
      const asked = {
        attempted: `Listing the versions of ${type}/${name}`,
        parameters: { team, experiment, ...parseSpecParts(name, type) },
        ...(options.deleted && { query: { deleted: 'true' } }),
        signal: options.signal,
      }
      const versions = await readAll(asked, (page) => connection.call('listVersions', page))
      return showInNotebooks('versions', versions, (list) => list)
    })
  }

  /**
   * Changes the description or the metadata of a version; what is left out stays, and metadata is replaced as a whole.
   * The content, its digest and what the version was made with stay as they are: `getVersionHistory` has all. Needs the
   * role `write`. Throws `not_found`, `version_deleted`, `option_invalid`, `forbidden`.
   */
  updateVersion(
    name: string,
    type: string,
    revision: string,
    change: ArtifactOptions,
    options: PlaceOptions = {},
  ): Promise<VersionRecord> {
    return this.#at('updateVersion', options, async (place) =>
      (await loadHistory()).updateVersion(place, { name, type, revision, signal: options.signal }, change),
    )
  }

  /**
   * What a version was described as, when and by whom, the newest first: at most 100 times. The last is what it was made
   * with. Throws `not_found`, `version_deleted`, `revision_invalid`.
   */
  getVersionHistory(
    name: string,
    type: string,
    revision = 'latest',
    options: PlaceOptions = {},
  ): Promise<VersionDescription[]> {
    return this.#at('getVersionHistory', options, async (place) =>
      (await loadHistory()).getVersionHistory(place, { name, type, revision, signal: options.signal }),
    )
  }

  /**
   * Who moved an alias, when and where to, the newest move first: at most 100. Throws `not_found` for an alias that
   * never was, naming those that there are.
   */
  getAliasHistory(
    name: string,
    type: string,
    alias: string,
    options: PlaceOptions = {},
  ): Promise<AliasMove[]> {
    return this.#at('getAliasHistory', options, async (place) =>
      (await loadHistory()).getAliasHistory(place, { name, type, alias, signal: options.signal }),
    )
  }

  /** The aliases of an artifact and the tags that they point at. */
  async listAliases(name: string, type: string, options: PlaceOptions = {}): Promise<Record<string, Tag>> {
    return this.#at('listAliases', options, async ({ connection, team, experiment }) => {
      const { aliases } = await connection.call('listAliases', {
        attempted: `Listing the aliases of ${type}/${name}`,
        parameters: { team, experiment, ...parseSpecParts(name, type) },
        signal: options.signal,
      })
      return aliases
    })
  }

  /** The runs of the experiment. */
  listRuns(options: PlaceOptions = {}): Promise<RunDocument[]> {
    return this.#at('listRuns', options, async ({ connection, team, experiment }) => {
      const asked = {
        attempted: `Listing the runs of ${team}/${experiment}`,
        parameters: { team, experiment },
        signal: options.signal,
      }
      const runs = await readAll(asked, (page) => connection.call('listRuns', page))
      return showInNotebooks('runs', runs, (list) => list)
    })
  }

  /** A run, which versions it read and which it made. */
  async getRun(run: string, options: PlaceOptions = {}): Promise<RunSummary> {
    parseName('run', run)
    return this.#at('getRun', options, async ({ connection, team, experiment, run: current }) => {
      await current?.flushInputs(options.signal)
      return connection.call('getRun', {
        attempted: `Reading the run ${run}`,
        parameters: { team, experiment, run },
        signal: options.signal,
      })
    })
  }

  /** The values that a run logged, those of each process in the order in which it logged them. Throws `not_found`. */
  async getLog(run: string, options: PlaceOptions = {}): Promise<LoggedValue[]> {
    parseName('run', run)
    return this.#at('getLog', options, async ({ connection, team, experiment }) => {
      await this.#run?.flush({ signal: options.signal })
      const asked = {
        attempted: `Reading what the run ${run} logged`,
        parameters: { team, experiment, run },
        signal: options.signal,
      }
      return readAll(asked, async (page) => {
        const { points, next } = await connection.call('getLog', page)
        return { items: points.map(loggedValue), next }
      })
    })
  }

  /** Which run made a version, and which runs read it. */
  getLineage(name: string, type: string, revision = 'latest', options: PlaceOptions = {}): Promise<Lineage> {
    return this.#at('getLineage', options, async (place) =>
      (await loadHistory()).getLineage(place, { name, type, revision, signal: options.signal }),
    )
  }

  /** Ends the run that is under way, if there is one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run?.[Symbol.asyncDispose]()
  }

  /** Does something in the place that the options name, or the run. */
  async #at<Name extends CallName, Options extends PlaceOptions, T>(
    call: CallWith<Name, Options> & Name,
    options: Options,
    work: (place: Place) => Promise<T>,
    fallback?: string,
  ): Promise<T> {
    const current = this.#run
    const run = current?.state === 'running' ? current : undefined
    const placeRun = this.#placeRun
    await checkLate<Name, Options>(call, options)
    const experiment = options.experiment ?? current?.experiment ?? fallback
    if (experiment === undefined) throw new NotInitializedError(call)
    const team = parseName('team', options.team ?? current?.team ?? this.team)
    const { connection } = this.#parts
    return work({
      connection: 'quiet' in options && options.quiet ? connection.quietly : connection,
      team,
      quiet: this.#parts.voice.quiet,
      experiment: parseName('experiment', experiment),
      // A run belongs to a team, and so does its lineage.
      ...(run && foldName(run.team) === foldName(team) && { run: placeRun }),
    })
  }
}

async function readAll<Item>(
  asked: RequestInput,
  readPage: (input: RequestInput) => Promise<Page<Item>>,
): Promise<Item[]> {
  const pages = await loadPart(() => import('../http/read-all.ts'))
  return pages.readAll(asked, readPage)
}

function loadVersions() {
  return loadPart(() => import('../artifact/get-artifact.ts'))
}

function loadHistory() {
  return loadPart(() => import('../artifact/version-history.ts'))
}

function loadAsking() {
  return loadPart(() => import('../artifact/ask-version.ts'))
}

function loadPushing() {
  return loadPart(() => import('../push/push.ts'))
}

function parseSpecParts(name: string, type: string) {
  return { name: parseArtifactName(name), type: parseName('type', type) }
}
