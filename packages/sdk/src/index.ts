/// <reference lib="esnext.disposable" preserve="true" />
export type { JsonOf, PlainObject } from './json-of.ts'

// Sessions and runs. The module-level functions work on the session that was begun last.
export {
  fetchAsset,
  finish,
  getArtifact,
  init,
  log,
  login,
  setAlias,
  uploadArtifact,
} from './session/current.ts'
export type { LoginOptions } from './session/login.ts'
export {
  changeProjectConfig,
  readProjectConfig,
  type ProjectConfig,
  type ProjectConfigFile,
} from './session/project-config.ts'
export {
  changeUserConfig,
  readUserConfig,
  type UserConfig,
  type UserConfigFile,
} from './session/user-config.ts'
export type {
  PushAllArguments,
  PushArguments,
  PushOptions,
  PushTarget,
  Session,
} from './session/session.ts'
export type { SessionCalls } from './session/session-calls.ts'
export type { AliasArguments, AliasCalls, AliasOptions, SetAliasArguments } from './session/aliases.ts'
export type { ArtifactCalls, ListArtifactsOptions } from './session/artifacts.ts'
export type { AssetCalls, FetchArguments } from './session/assets.ts'
export type { ArtifactArguments, VersionArguments } from './session/call-arguments.ts'
export type { ExperimentCalls } from './session/experiments.ts'
export type { LineageCalls } from './session/lineage.ts'
export type { RetentionCalls, RetentionRules } from './session/retention.ts'
export type { InitOptions, RunCalls } from './session/runs.ts'
export type { ListVersionsOptions, TagArguments, UpdateArguments, VersionCalls } from './session/versions.ts'
export type { ScopeOptions, TeamOptions } from './calls/scope-options.ts'
export type { PushResult } from './push/push-versions.ts'
export type { Run } from './session/run.ts'
export type { FinishOptions, FlushOptions, LogOptions } from './session/run-options.ts'
export type { SyncOptions } from './session/sync.ts'
export type { SyncedRun, SyncResult, UnsyncedRun } from './session/sync-runs.ts'
export type { LoggedValue } from './session/logged-value.ts'
export type { RetryPolicy } from './client/retry.ts'

// Artifacts
export { Artifact } from './artifact/artifact.ts'
export type { ArtifactOptions } from './artifact/artifact-options.ts'
export type { AddableContent, AddOptions } from './artifact/add-content.ts'
export type { AddReferenceOptions } from './artifact/add-reference.ts'
export type { Entry, EntryReadOptions } from './artifact/entry.ts'
export type { EntryUrlOptions } from './artifact/entry-url.ts'
export type { DownloadOptions } from './disk/download/download.ts'
export type { Archive, ArchiveOptions } from './archive/archive.ts'
export type { Selection } from './read/select-entries.ts'
export type { Verification, VerifyOptions } from './disk/folder/verify-folder.ts'
export type { CompareOptions } from './artifact/compare.ts'
export type { FolderFilter } from './disk/folder/walk-folder.ts'
export type { ChangedEntry, Diff, DiffEntry, RenamedEntry } from './artifact/diff.ts'
export type { UploadOptions } from './artifact/upload-artifact.ts'
export type { UploadResult } from './progress/upload-result.ts'
export type { LongCallOptions } from './calls/long-call-options.ts'
export type { Progress, ProgressListener } from './progress/progress.ts'
export type { ByteStream } from './upload/take-stream.ts'

// The assets directory
export type { FetchAssetOptions } from './disk/assets/download-asset.ts'
export { listAssets, pruneAssets, removeAsset } from './session/local-assets.ts'
export type { Asset } from './disk/assets/list-assets.ts'
export type { RemoveAssetOptions } from './disk/assets/remove-asset.ts'
export type { PruneOptions, PruneResult } from './disk/assets/prune-assets.ts'

// Errors
export {
  AbortedError,
  IntegrityError,
  MergeConflictError,
  NotInitializedError,
  NotLoggedInError,
  TagConflictError,
  TrackwayError,
} from './errors.ts'
export type {
  ApiKeyHint,
  ErrorCode,
  Hint,
  HintedOption,
  NearestHint,
  OmitHint,
  OptionHint,
  PathHint,
  TrackwayErrorOptions,
} from '@trackway/protocol'

// Specs of versions and files, and what is shown to people.
export { formatSpec, parseSpec, printable, type Spec } from '@trackway/protocol'
export { formatBytes } from '@trackway/protocol'

// What is stored and returned
export type {
  Alias,
  AliasMove,
  ArtifactSummary,
  Digest,
  JsonValue,
  Lineage,
  ListedVersion,
  Metadata,
  Origin,
  RetentionAnswer,
  RunDocument,
  RunName,
  RunState,
  RunSummary,
  Tag,
  Tombstone,
  Version,
  VersionDescription,
  VersionRecord,
  VersionName,
} from '@trackway/protocol'
