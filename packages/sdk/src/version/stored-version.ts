import { formatSpec, TrackwayError, type Manifest, type Tag, type VersionRecord } from '@trackway/protocol'
import { copyManifest, readManifest } from './manifest-cache.ts'
import { locateEntries } from './located-entry.ts'
import { getManifest } from './get-manifest.ts'
import type { Scope } from '../client/scope.ts'
import { isUnreachable } from '../errors.ts'
import { askVersion } from './ask-version.ts'
import { checkEntries } from './check-entries.ts'
import {
  forgetKnown,
  isPinned,
  keepKnown,
  readKnown,
  type KnownVersion,
  type VersionSpec,
} from './known-versions.ts'
import { withPatience } from './with-patience.ts'
import type { StoredVersion } from './version.ts'

export interface VersionQuery extends VersionSpec {
  signal?: AbortSignal | undefined
}

/**
 * A version's record. The server is always asked whether its last answer still holds, since a store may have
 * been restored from a backup. If it cannot be reached, its last answer about a tag or a whole digest is
 * used. Without `patient`, the wait is shorter than the time for retries, since the caller has a fallback.
 * Throws `not_found`, `version_deleted`, `revision_invalid`, `integrity_error`.
 */
export async function readRecord(
  scope: Scope,
  { signal, ...spec }: VersionQuery,
  { patient = true }: { patient?: boolean } = {},
): Promise<VersionRecord> {
  const known = await readKnown(scope, spec)
  const fallback = isPinned(spec.revision) ? known?.version : undefined
  const ask = (until?: AbortSignal) => askAgain(scope, { ...spec, signal: until }, known)
  if (patient && fallback === undefined) return ask(signal)
  try {
    return await withPatience(ask, { attempted: `Reading ${formatSpec(spec)}`, scope, signal })
  } catch (error) {
    if (fallback === undefined || !isUnreachable(error)) throw error
    return fallback
  }
}

async function askAgain(
  scope: Scope,
  query: VersionQuery,
  known: KnownVersion | undefined,
): Promise<VersionRecord> {
  try {
    const found = await askVersion(scope, query, known)
    if (found !== known) await keepKnown(scope, query, found)
    return found.version
  } catch (error) {
    const isGone = TrackwayError.hasCode(error, 'not_found', 'version_deleted')
    if (isGone && known !== undefined) await forgetKnown(scope, query)
    throw error
  }
}

/** A version with its entries. */
export async function readEntries(
  { connection, team, experiment, quiet }: Scope,
  record: VersionRecord,
  signal?: AbortSignal,
): Promise<StoredVersion> {
  const manifest =
    (await readManifest(record.manifest.digest, connection.limits)) ??
    (await fetchManifest({ connection, team, experiment }, record, signal))
  checkEntries(connection, { attempted: `Reading ${labelOf(record)}`, record, entries: manifest.entries })
  return {
    record,
    entries: locateEntries(manifest),
    scope: { connection, team, experiment, quiet, version: record },
  }
}

async function fetchManifest(
  { connection, team, experiment }: Scope,
  record: VersionRecord,
  signal?: AbortSignal,
): Promise<Manifest> {
  const { type, name, tag } = record
  const { digest } = record.manifest
  let copy = copyManifest(digest)
  const manifest = await getManifest(connection, {
    attempted: `Reading the manifest of ${labelOf(record)}`,
    parameters: { team, experiment, type, name, revision: tag },
    record,
    onBegin: () => {
      copy = copyManifest(digest)
    },
    onPiece: (piece) => copy.add(piece),
    signal,
  })
  await copy.keep()
  return manifest
}

/** The latest version. */
export interface Latest {
  /** If there is none: the artifact whose type is this name, and whose name is this type. */
  swapped?: string
  /** With its entries; undefined if there is none, or it is damaged. */
  version?: StoredVersion
  /** The tag of the latest version, if it is damaged. */
  damaged?: Tag
}

/** The latest version. A damaged one cannot be a base, but is not a reason to fail. */
export async function readLatest(scope: Scope, spec: Omit<VersionQuery, 'revision'>): Promise<Latest> {
  let tag: Tag | undefined
  try {
    const record = await readRecord(scope, { ...spec, revision: 'latest' })
    tag = record.tag
    return { version: await readEntries(scope, record, spec.signal) }
  } catch (error) {
    if (TrackwayError.hasCode(error, 'not_found', 'integrity_error'))
      return tag === undefined ? swappedFor(error) : { damaged: tag }
    throw error
  }
}

function swappedFor({ details: { swapped } }: TrackwayError): Latest {
  return typeof swapped === 'string' ? { swapped } : {}
}

/** The name of a version in messages: `dataset/sample:V2`. */
export function labelOf({ type, name, tag }: Pick<VersionRecord, 'type' | 'name' | 'tag'>): string {
  return formatSpec({ type, name, revision: tag })
}
