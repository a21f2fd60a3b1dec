import { foldName, formatTag, parseRevision, versionSchema, type Version } from '@trackway/protocol'
import * as z from 'zod/mini'
import { textCache } from '#platform'
import type { Scope } from '../client/scope.ts'

/** A version as the server returned it, and what distinguishes that answer from a later one. */
export interface KnownVersion {
  etag: string | undefined
  version: Version
}

/** How a version is requested. */
export interface VersionSpec {
  type: string
  name: string
  /** A tag, an alias, `latest` or a digest. */
  revision: string
}

const folder = 'versions'
const knownSchema = z.object({ etag: z.optional(z.string()), version: versionSchema })

/** Whether a revision always means the same version. */
export function isPinned(revision: string): boolean {
  const { kind } = parseRevision(revision)
  return kind === 'tag' || (kind === 'digest' && revision.length === 'sha256:'.length + 64)
}

/** The server's last answer. */
export async function readKnown(scope: Scope, spec: VersionSpec): Promise<KnownVersion | undefined> {
  const text = await textCache?.read(folder, keyOf(scope, spec))
  const known = text === undefined ? undefined : knownSchema.safeParse(JSON.parse(text))
  return known?.success ? { etag: known.data.etag, version: known.data.version } : undefined
}

export async function keepKnown(scope: Scope, spec: VersionSpec, known: KnownVersion): Promise<void> {
  await textCache?.keep(folder, keyOf(scope, spec), JSON.stringify(known))
}

/** The server now says that there is no such version. */
export async function forgetKnown(scope: Scope, spec: VersionSpec): Promise<void> {
  await textCache?.forget(folder, keyOf(scope, spec))
}

/** A tag may be written `v1` as well. */
function spelled(revision: string): string {
  const parsed = parseRevision(revision)
  return parsed.kind === 'tag' ? formatTag(parsed.number) : revision
}

function keyOf({ connection, team, experiment }: Scope, { type, name, revision }: VersionSpec): string {
  const parts = [
    // Answers of one origin do not apply to another: a copy of a store has its id, and a server may claim
    // any.
    connection.address,
    connection.storeId,
    foldName(team),
    foldName(experiment),
    foldName(type),
    foldName(name),
    spelled(revision),
  ]
  return JSON.stringify(parts)
}
