import type { Metadata } from '@trackway/protocol'
import type { ArtifactOptions } from '../artifact/artifact.ts'
import type { FetchAssetOptions } from '../assets/download-asset.ts'
import type { JsonOf } from '../json-of.ts'

/** Which team is meant. */
export interface TeamOptions {
  /** Default: that of the run under way, else that of the session. */
  team?: string | undefined
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** Which experiment of which team is meant. */
export interface PlaceOptions extends TeamOptions {
  /** Default: that of the run under way, else that of the session. */
  experiment?: string | undefined
}

/** How an alias is moved or removed. */
export interface AliasOptions extends PlaceOptions {
  /** The tag that it has to point at now (null: it must not exist), otherwise `alias_moved` is thrown. Default: any. */
  expected?: string | null | undefined
}

/** Which artifacts are listed. */
export interface ListArtifactsOptions extends PlaceOptions {
  /** Default: all types. */
  type?: string | undefined
}

/** Which versions are listed. */
export interface ListVersionsOptions extends PlaceOptions {
  /** Whether deleted versions are listed too. Default: false. */
  deleted?: boolean | undefined
}

/** Which versions are deleted: those that every rule given says. */
export interface RetentionRules {
  /** Keeps so many of the newest versions of each artifact. */
  keepLast?: number | undefined
  /** Keeps what is younger than this. */
  olderThanDays?: number | undefined
  /** Only artifacts of this type. */
  type?: string | undefined
  /** Only artifacts of this name. */
  name?: string | undefined
  /** Deletes nothing, and says what it would delete. Default: false. */
  dryRun?: boolean | undefined
}

/** How a run begins. */
export interface InitOptions<Config extends object = Metadata> extends PlaceOptions {
  /** A name; a run that has it already is continued. Default: one that the server makes, such as `sable-life-1`. */
  run?: string | undefined
  /** What the run was configured with: a JSON object of at most 64 KiB, of plain objects, lists and finite numbers. */
  config?: (Config & JsonOf<Config>) | undefined
  /** Prints nothing, here and in what is done in the run. Default: as the session. */
  quiet?: boolean | undefined
}

/** A version: its spec, such as `dataset/sample:V2`, or its name, its type and a revision. Default: the latest. */
export type VersionArguments<Options = PlaceOptions> =
  | [spec: string, options?: Options | undefined]
  | [name: string, type: string, revision?: string | undefined, options?: Options | undefined]

/** One version that the call changes, which has to be named. */
export type TagArguments =
  | [spec: string, options?: PlaceOptions | undefined]
  | [name: string, type: string, tag: string, options?: PlaceOptions | undefined]

/** An artifact: its spec, such as `dataset/sample`, or its name and its type. */
export type ArtifactArguments<Options = PlaceOptions> =
  | [spec: string, options?: Options | undefined]
  | [name: string, type: string, options?: Options | undefined]

/** An alias of an artifact. */
export type AliasArguments<Options = PlaceOptions> =
  | [spec: string, alias: string, options?: Options | undefined]
  | [name: string, type: string, alias: string, options?: Options | undefined]

/** An alias, and the version to point it at. */
export type SetAliasArguments =
  | [spec: string, alias: string, options?: AliasOptions | undefined]
  | [name: string, type: string, alias: string, revision: string, options?: AliasOptions | undefined]

/** A version, and what to change of its description. */
export type UpdateArguments =
  | [spec: string, change: ArtifactOptions, options?: PlaceOptions | undefined]
  | [
      name: string,
      type: string,
      revision: string,
      change: ArtifactOptions,
      options?: PlaceOptions | undefined,
    ]

/** A version to fetch, or with a spec such as `dataset/sample:V2[train.csv]` a file of it. */
export type FetchArguments = VersionArguments<FetchAssetOptions & PlaceOptions>
