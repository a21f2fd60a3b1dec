import { parseName, parseTag, type Alias, type AliasMove, type Tag } from '@trackway/protocol'
import { orNull, text, type KindsOf } from '@trackway/protocol/options'
import { scopeKinds, type ScopeOptions } from '../calls/scope-options.ts'
import type { Scope } from '../client/scope.ts'
import { askVersion } from '../version/ask-version.ts'
import { artifactOf, askedOf, parametersOf, type ArtifactArguments, type Subject } from './call-arguments.ts'
import { performOn, type Caller } from './perform.ts'

/** How an alias is moved or removed. */
export interface AliasOptions extends ScopeOptions {
  /**
   * The tag that the alias must currently point at (null: it must not exist), otherwise `alias_moved` is
   * thrown. Default: any.
   */
  expected?: string | null | undefined
}

/** An alias of an artifact. */
export type AliasArguments<Options = ScopeOptions> =
  | [spec: string, alias: string, options?: Options | undefined]
  | [name: string, type: string, alias: string, options?: Options | undefined]

/** An alias, and the version that it shall point at. */
export type SetAliasArguments =
  | [spec: string, alias: string, options?: AliasOptions | undefined]
  | [name: string, type: string, alias: string, revision: string, options?: AliasOptions | undefined]

/** The methods of a session for aliases. */
export interface AliasCalls {
  /**
   * Points an alias at a version: `session.setAlias('dataset/sample:V2', 'production')`, or name, type, alias
   * and revision. With `expected`, only if it currently points at that tag (null: does not exist); otherwise
   * it throws `alias_moved`.
   */
  setAlias(...given: SetAliasArguments): Promise<Alias>

  /** Removes an alias; the version stays. */
  removeAlias(...given: AliasArguments<AliasOptions>): Promise<Alias>

  /** The aliases of an artifact and the tags that they point at. */
  listAliases(...given: ArtifactArguments): Promise<Record<string, Tag>>

  /**
   * The moves of an alias, with author, time and target, the newest first: at most 100. Throws `not_found`
   * for an alias that never existed, naming the existing ones.
   */
  getAliasHistory(...given: AliasArguments): Promise<AliasMove[]>
}

const aliasKinds = { ...scopeKinds, expected: orNull(text('V1')) } satisfies KindsOf<AliasOptions>

/** @internal */
export function aliasCalls(caller: Caller): AliasCalls {
  return {
    setAlias: (...given) =>
      performOn(
        caller,
        { call: 'setAlias', follows: ['alias', 'revision'], kinds: aliasKinds, given },
        setAlias,
      ),
    removeAlias: (...given) =>
      performOn(caller, { call: 'removeAlias', follows: ['alias'], kinds: aliasKinds, given }, removeAlias),
    listAliases: (...given) =>
      performOn(caller, { call: 'listAliases', follows: [], kinds: scopeKinds, given }, listAliases),
    getAliasHistory: (...given) =>
      performOn(
        caller,
        { call: 'getAliasHistory', follows: ['alias'], kinds: scopeKinds, given },
        getAliasHistory,
      ),
  }
}

async function setAlias(scope: Scope, { alias, ...subject }: Subject, options: AliasOptions): Promise<Alias> {
  parseName('alias', alias) // Before the version is looked up.
  const asked = askedOf(subject)
  const attempted = `Pointing the alias ${alias} of ${subject.type}/${subject.name} at ${asked.revision}`
  const { tag } = (await askVersion(scope, { attempted, ...asked, signal: options.signal })).version
  return moveAlias(scope, { alias, ...subject }, { attempted, tag, ...options })
}

function removeAlias(scope: Scope, subject: Subject, options: AliasOptions): Promise<Alias> {
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

async function listAliases(
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

async function getAliasHistory(
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
