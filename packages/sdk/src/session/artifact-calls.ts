// A session's requests about artifacts and versions. Loaded with the first such call.
import {
  formatSpec,
  parseName,
  parseRevision,
  parseTag,
  TrackwayError,
  type Alias,
  type AliasMove,
  type ArtifactSummary,
  type Lineage,
  type ListedVersion,
  type RetentionAnswer,
  type Spec,
  type Tag,
  type Tombstone,
  type Version,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import { showInNotebooks } from '#platform'
import { askVersion } from '../version/ask-version.ts'
import { readAll } from '../client/read-all.ts'
import { checkCall } from '../calls/calls.ts'
import type { Subject } from './call-arguments.ts'
import type { Scope } from '../client/scope.ts'
import type {
  AliasOptions,
  ListArtifactsOptions,
  ListVersionsOptions,
  ScopeOptions,
  RetentionRules,
} from './session-options.ts'

export async function setAlias(
  scope: Scope,
  { alias, ...subject }: Subject,
  options: AliasOptions,
): Promise<Alias> {
  parseName('alias', alias) // Before the version is looked up.
  const asked = askedOf(subject)
  const attempted = `Pointing the alias ${alias} of ${subject.type}/${subject.name} at ${asked.revision}`
  const { tag } = (await askVersion(scope, { attempted, ...asked, signal: options.signal })).version
  return moveAlias(scope, { alias, ...subject }, { attempted, tag, ...options })
}

export function removeAlias(scope: Scope, subject: Subject, options: AliasOptions): Promise<Alias> {
  const attempted = `Removing the alias ${subject.alias} of ${artifactOf(subject)}`
  return moveAlias(scope, subject, { attempted, tag: null, ...options })
}

function moveAlias(
  scope: Scope,
  { alias, type, name }: Subject,
  { attempted, tag, expected, signal }: AliasOptions & { attempted: string; tag: Tag | null },
): Promise<Alias> {
  const expectation =
    expected === undefined ? {} : { expected: expected === null ? null : parseTag(expected) }
  return scope.connection.call('moveAlias', {
    attempted,
    parameters: { ...parametersOf(scope, { type, name }), alias: parseName('alias', alias) },
    body: { tag, ...expectation },
    signal,
  })
}

export async function listAliases(
  scope: Scope,
  subject: Subject,
  { signal }: ScopeOptions,
): Promise<Record<string, Tag>> {
  const { aliases } = await scope.connection.call('listAliases', {
    attempted: `Listing the aliases of ${artifactOf(subject)}`,
    parameters: parametersOf(scope, subject),
    signal,
  })
  return aliases
}

export async function getAliasHistory(
  scope: Scope,
  { alias, ...subject }: Subject,
  { signal }: ScopeOptions,
): Promise<AliasMove[]> {
  const { history } = await scope.connection.call('getAlias', {
    attempted: `Reading the history of the alias ${alias} of ${artifactOf(subject)}`,
    parameters: { ...parametersOf(scope, subject), alias: parseName('alias', alias) },
    signal,
  })
  return history
}

export function deleteVersion(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<Tombstone> {
  const tag = tagOf(subject)
  return scope.connection.call('deleteVersion', {
    attempted: `Deleting ${artifactOf(subject)}:${tag}`,
    parameters: { ...parametersOf(scope, subject), tag },
    signal,
  })
}

export function restoreVersion(
  scope: Scope,
  subject: Subject,
  { signal }: ScopeOptions,
): Promise<VersionRecord> {
  const tag = tagOf(subject)
  return scope.connection.call('restoreVersion', {
    attempted: `Restoring ${artifactOf(subject)}:${tag}`,
    parameters: { ...parametersOf(scope, subject), tag },
    signal,
  })
}

export async function applyRetention(
  scope: Scope,
  rules: RetentionRules,
  { signal }: ScopeOptions,
): Promise<RetentionAnswer> {
  checkCall('applyRetention, the rules', rules)
  const { connection, team, experiment } = scope
  return connection.call('applyRetention', {
    attempted: `Applying retention rules to ${team}/${experiment}`,
    parameters: { team, experiment },
    body: rules,
    signal,
  })
}

export async function listArtifacts(
  { connection, team, experiment }: Scope,
  { type, signal }: ListArtifactsOptions,
): Promise<ArtifactSummary[]> {
  const asked = {
    attempted: `Listing the artifacts of ${team}/${experiment}`,
    parameters: { team, experiment },
    query: { type: type === undefined ? undefined : parseName('type', type) },
    signal,
  }
  const artifacts = await readAll(asked, (page) => connection.call('listArtifacts', page))
  return showInNotebooks('artifacts', artifacts, (list) => list)
}

export async function listVersions(
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
  return showInNotebooks('versions', versions, (list) => list)
}

export async function getVersion(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<Version> {
  return (await askVersion(scope, { ...askedOf(subject), signal })).version
}

export async function updateVersion(
  scope: Scope,
  { change, ...subject }: Subject,
  { signal }: ScopeOptions,
): Promise<VersionRecord> {
  checkCall('updateVersion, the change', change)
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

export async function getVersionHistory(
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

export async function getLineage(scope: Scope, subject: Subject, { signal }: ScopeOptions): Promise<Lineage> {
  const asked = askedOf(subject)
  await scope.run?.flushInputs(signal)
  return scope.connection.call('getLineage', {
    attempted: `Reading the lineage of ${formatSpec(asked)}`,
    parameters: { ...parametersOf(scope, subject), revision: asked.revision },
    signal,
  })
}

function parametersOf({ team, experiment }: Scope, { type, name }: Spec) {
  return { team, experiment, type, name }
}

function artifactOf({ type, name }: Spec): string {
  return formatSpec({ type, name })
}

/** Which version is requested: the latest unless the spec says otherwise. */
function askedOf({ type, name, revision = 'latest' }: Spec) {
  return { type, name, revision }
}

/** Only a tag names what is deleted or restored: any other revision may mean another version by then. */
function tagOf({ revision }: Spec): Tag {
  return parseTag(revision as string) // Throws for a value that is not a string.
}
