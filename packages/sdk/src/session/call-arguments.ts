// What a call is about: a spec, or a name, a type and a revision.
import {
  formatSpec,
  parseArtifactName,
  parseName,
  parseRevision,
  parseSpec,
  TrackwayError,
  type Spec,
} from '@trackway/protocol'
import type { ArtifactOptions } from '../artifact/artifact-options.ts'
import type { ScopeOptions } from '../calls/scope-options.ts'
import type { Scope } from '../client/scope.ts'

/** A version: a spec, such as `dataset/sample:V2`, or name, type and revision. Default: the latest. */
export type VersionArguments<Options = ScopeOptions> =
  | [spec: string, options?: Options | undefined]
  | [name: string, type: string, revision?: string | undefined, options?: Options | undefined]

/** An artifact: its spec, such as `dataset/sample`, or its name and its type. */
export type ArtifactArguments<Options = ScopeOptions> =
  | [spec: string, options?: Options | undefined]
  | [name: string, type: string, options?: Options | undefined]

/**
 * What a call is about, parsed.
 *
 * @internal
 */
export interface Subject extends Spec {
  alias: string
  change: ArtifactOptions
}

/**
 * What follows name and type in the arguments of a call. A spec contains the revision; the rest follows it in
 * the same order, with the options last.
 *
 * @internal
 */
export type Following = readonly ('alias' | 'revision' | 'change')[]

/**
 * Parses the arguments of a call: a spec and what follows it, or name, type and what follows them. Throws
 * `option_invalid` if the two are mixed, `revision_invalid` and `name_invalid`.
 *
 * @internal
 */
export function readArguments(
  call: string,
  follows: Following,
  given: readonly unknown[],
): { subject: Subject; options: unknown } {
  const hasRevision = follows.includes('revision')
  // An alias may follow a spec, so only a third text indicates a name and a type.
  const isByName =
    typeof given[1] === 'string' && (!follows.includes('alias') || typeof given[2] === 'string')
  const names = [
    ...(isByName ? ['name', 'type', ...follows] : ['spec', ...follows.filter((each) => each !== 'revision')]),
    'options',
  ]
  const mixed = () =>
    new TrackwayError(
      'option_invalid',
      `${call}: pass either a spec, such as 'dataset/sample${hasRevision ? ':V2' : ''}', or a name and a type, such as 'sample', 'dataset'${hasRevision ? ", 'V2'" : ''}`,
    )
  if (given.slice(names.length).some((each) => each !== undefined)) throw mixed()
  const by = Object.fromEntries(names.map((name, at) => [name, given[at]]))
  if (isByName && isSpec(by)) throw mixed()
  const { options } = by
  const subject = isByName ? namedBy(by) : readSpec(call, by['spec'], hasRevision)
  // The other arguments are checked where they are used, as callers without types may pass anything.
  return { subject: { ...by, ...subject } as Subject, options }
}

/** Whether what should be a name is a spec, with a type or a revision after it. */
function isSpec({ name, type }: Record<string, unknown>): boolean {
  const text = String(name)
  return /[:[]/.test(text) || (text.includes('/') && /^(V\d+|latest|sha256:.*)$/i.test(String(type)))
}

function namedBy({ name, type, revision }: Record<string, unknown>): Spec {
  // Each of these throws for a value that is not a string.
  const artifact = { name: parseArtifactName(name as string), type: parseName('type', type as string) }
  if (revision === undefined) return artifact
  parseRevision(revision as string)
  return { ...artifact, revision: revision as string }
}

function readSpec(call: string, given: unknown, hasRevision: boolean): Spec {
  const spec = parseSpec(given as string) // Throws for a value that is not a string.
  const text = String(given)
  if (spec.path !== undefined && call !== 'fetchAsset')
    throw new TrackwayError('revision_invalid', `${call}: '${text}' names a file; remove its path`)
  if (spec.revision !== undefined && !hasRevision)
    throw new TrackwayError('revision_invalid', `${call}: '${text}' names a version; write type/name`)
  return spec
}

/** @internal */
export function parametersOf({ team, experiment }: Scope, { type, name }: Spec) {
  return { team, experiment, type, name }
}

/**
 * The artifact, as people write it.
 *
 * @internal
 */
export function artifactOf({ type, name }: Spec): string {
  return formatSpec({ type, name })
}

/**
 * Which version is requested: the latest unless the spec says otherwise.
 *
 * @internal
 */
export function askedOf({ type, name, revision = 'latest' }: Spec) {
  return { type, name, revision }
}
