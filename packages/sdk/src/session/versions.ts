import {
  formatSpec,
  parseRevision,
  parseTag,
  TrackwayError,
  type ListedVersion,
  type Spec,
  type Tag,
  type Tombstone,
  type Version,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import { checkOptions, flag, other, text, type KindsOf } from '@trackway/protocol/options'
import { showInNotebooks } from '#platform'
import type { ArtifactOptions } from '../artifact/artifact-options.ts'
import { scopeKinds, type ScopeOptions } from '../calls/scope-options.ts'
import { readAll } from '../client/read-all.ts'
import type { Scope } from '../client/scope.ts'
import { askVersion } from '../version/ask-version.ts'
import {
  artifactOf,
  askedOf,
  parametersOf,
  type ArtifactArguments,
  type Subject,
  type VersionArguments,
} from './call-arguments.ts'
import { performOn, type Caller } from './perform.ts'

/** Which versions are listed. */
export interface ListVersionsOptions extends ScopeOptions {
  /** Whether deleted versions are listed too. Default: false. */
  deleted?: boolean | undefined
}

/** A version that the call changes; the revision is required. */
export type TagArguments =
  | [spec: string, options?: ScopeOptions | undefined]
  | [name: string, type: string, tag: string, options?: ScopeOptions | undefined]

/** A version, and the changes of its description or metadata. */
export type UpdateArguments =
  | [spec: string, change: ArtifactOptions, options?: ScopeOptions | undefined]
  | [
      name: string,
      type: string,
      revision: string,
      change: ArtifactOptions,
      options?: ScopeOptions | undefined,
    ]

/** The methods of a session for versions. */
export interface VersionCalls {
  /**
   * The record of a version, without its entries, and the aliases that point at it. Throws `not_found`,
   * `version_deleted`, `revision_invalid`.
   */
  getVersion(...given: VersionArguments): Promise<Version>

  /**
   * The versions of an artifact, the newest first. With `deleted` also deleted ones, which have `deleted:
   * true`; `restoreVersion` may restore them.
   */
  listVersions(...given: ArtifactArguments<ListVersionsOptions>): Promise<ListedVersion[]>

  /**
   * Changes the description or the metadata of a version; what is omitted is kept, and metadata is replaced
   * as a whole. The content, its digest and the original description and metadata are kept:
   * `getVersionHistory` lists all of them. Requires the role `write`. Throws `not_found`, `version_deleted`,
   * `option_invalid`, `forbidden`.
   */
  updateVersion(...given: UpdateArguments): Promise<VersionRecord>

  /**
   * The descriptions of a version, with time and author, the newest first: at most 100. The last one is the
   * original. Throws `not_found`, `version_deleted`, `revision_invalid`.
   */
  getVersionHistory(...given: VersionArguments): Promise<VersionDescription[]>

  /**
   * Deletes a version by its tag. Its data is kept for a week, in which `restoreVersion` restores it; its tag
   * is never reused. Deleting it again changes nothing. Requires the role `admin`. Throws `alias_in_use`
   * while an alias points at it, `forbidden`, `not_found`.
   */
  deleteVersion(...given: TagArguments): Promise<Tombstone>

  /**
   * Restores a deleted version: for a week that always succeeds, later until a sweep removes its data.
   * Requires the role `admin`. Throws `version_deleted` if it is too late, `forbidden`, `not_found`.
   */
  restoreVersion(...given: TagArguments): Promise<VersionRecord>
}

const listKinds = { deleted: flag, ...scopeKinds } satisfies KindsOf<ListVersionsOptions>
const changeKinds = {
  description: text('Cropped to squares'),
  metadata: other('an object', '{ classes: 3 }'),
} satisfies KindsOf<ArtifactOptions>

/** @internal */
export function versionCalls(caller: Caller): VersionCalls {
  const one = { follows: ['revision'], kinds: scopeKinds } as const
  return {
    getVersion: (...given) => performOn(caller, { call: 'getVersion', ...one, given }, getVersion),
    listVersions: (...given) =>
      performOn(caller, { call: 'listVersions', follows: [], kinds: listKinds, given }, listVersions),
    updateVersion: (...given) =>
      performOn(
        caller,
        { call: 'updateVersion', follows: ['revision', 'change'], kinds: scopeKinds, given },
        updateVersion,
      ),
    getVersionHistory: (...given) =>
      performOn(caller, { call: 'getVersionHistory', ...one, given }, getVersionHistory),
    deleteVersion: (...given) => performOn(caller, { call: 'deleteVersion', ...one, given }, deleteVersion),
    restoreVersion: (...given) =>
      performOn(caller, { call: 'restoreVersion', ...one, given }, restoreVersion),
  }
}

async function getVersion(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<Version> {
  return (await askVersion(scope, { ...askedOf(subject), signal })).version
}

async function listVersions(
  scope: Scope,
  subject: Subject,
  { deleted, signal }: ListVersionsOptions,
): Promise<ListedVersion[]> {
  const asked = {
    attempted: `Listing the versions of ${artifactOf(subject)}`,
    parameters: parametersOf(scope, subject),
    query: { ...(deleted && { deleted: 'true' }) },
    signal,
  }
  const versions = await readAll(asked, (page) => scope.connection.call('listVersions', page))
  showInNotebooks?.('versions', versions, (list) => list)
  return versions
}

async function updateVersion(
  scope: Scope,
  { change, ...subject }: Subject,
  { signal }: ScopeOptions,
): Promise<VersionRecord> {
  checkOptions('updateVersion, the change', change, changeKinds)
  const asked = askedOf(subject)
  const attempted = `Describing ${formatSpec(asked)}`
  const { description, metadata } = { ...change }
  if (description === undefined && metadata === undefined) {
    throw new TrackwayError('option_invalid', `${attempted}: no change was given`, {
      hint: { kind: 'option', options: ['description', 'metadata'] },
    })
  }
  const { kind } = parseRevision(asked.revision)
  // A revision that may move is resolved once, so that a repeated request means the same version.
  const { tag } =
    kind === 'tag'
      ? { tag: asked.revision }
      : (await askVersion(scope, { ...asked, attempted, signal })).version
  return scope.connection.call('updateVersion', {
    attempted,
    parameters: { ...parametersOf(scope, subject), tag },
    body: { ...(description !== undefined && { description }), ...(metadata !== undefined && { metadata }) },
    signal,
  })
}

async function getVersionHistory(
  scope: Scope,
  subject: Subject,
  { signal }: ScopeOptions,
): Promise<VersionDescription[]> {
  const asked = askedOf(subject)
  const { history } = await scope.connection.call('getVersionHistory', {
    attempted: `Reading the history of ${formatSpec(asked)}`,
    parameters: { ...parametersOf(scope, subject), revision: asked.revision },
    signal,
  })
  return history
}

function deleteVersion(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<Tombstone> {
  const tag = tagOf(subject)
  return scope.connection.call('deleteVersion', {
    attempted: `Deleting ${artifactOf(subject)}:${tag}`,
    parameters: { ...parametersOf(scope, subject), tag },
    signal,
  })
}

function restoreVersion(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<VersionRecord> {
  const tag = tagOf(subject)
  return scope.connection.call('restoreVersion', {
    attempted: `Restoring ${artifactOf(subject)}:${tag}`,
    parameters: { ...parametersOf(scope, subject), tag },
    signal,
  })
}

/** Only a tag names what is deleted or restored: any other revision may mean another version by then. */
function tagOf({ revision }: Spec): Tag {
  return parseTag(revision as string) // Throws for a value that is not a string.
}
