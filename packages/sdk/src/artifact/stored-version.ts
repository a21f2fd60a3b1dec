import { formatSpec, TrackwayError, type Manifest, type Tag, type VersionRecord } from '@trackway/protocol'
import { copyManifest, readManifest } from '../content/manifest-cache.ts'
import { placeEntries } from '../content/placed-entry.ts'
import { getManifest } from '../http/get-manifest.ts'
import type { Place } from '../session/place.ts'
import type { StoredVersion } from './draft.ts'
import { isPinned, keepKnown, readKnown, type VersionSpec } from './known-versions.ts'

export interface VersionQuery extends VersionSpec {
  signal?: AbortSignal | undefined
}

/**
 * A version's record. One that was read before is not asked for again where the reference is a tag or a whole digest,
 * which always means the same; else the server is asked whether it still is the one. Throws `not_found`,
 * `version_deleted`, `reference_invalid`.
 */
export async function readRecord(place: Place, { signal, ...spec }: VersionQuery): Promise<VersionRecord> {
  const known = await readKnown(place, spec)
  if (known !== undefined && isPinned(spec.reference)) return known.record
  const { connection, team, experiment } = place
  const found = await connection.callUnlessSame('getVersion', {
    attempted: `Reading ${formatSpec(spec)}`,
    parameters: { team, experiment, ...spec },
    etag: known?.etag,
    signal,
  })
  if (found === undefined && known !== undefined) return known.record
  if (found === undefined) return readRecord(place, { signal, ...spec })
  await keepKnown(place, spec, { etag: found.etag, record: found.answer })
  return found.answer
}

/** A version with its entries. */
export async function readEntries(
  { connection, team, experiment, quiet }: Place,
  record: VersionRecord,
  signal?: AbortSignal,
): Promise<StoredVersion> {
  const manifest =
    (await readManifest(record.manifest.digest, connection.limits)) ??
    (await fetchManifest({ connection, team, experiment }, record, signal))
  return { record, entries: placeEntries(manifest), place: { connection, team, experiment, quiet } }
}

async function fetchManifest(
  { connection, team, experiment }: Place,
  { type, name, tag, manifest: { digest } }: VersionRecord,
  signal?: AbortSignal,
): Promise<Manifest> {
  let copy = copyManifest(digest)
  const manifest = await getManifest(connection, {
    attempted: `Reading the manifest of ${formatSpec({ type, name, reference: tag })}`,
    parameters: { team, experiment, type, name, reference: tag },
    digest,
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
  /** With its entries; undefined where there is none, or it is damaged. */
  version?: StoredVersion
  /** The tag of one that is damaged. */
  damaged?: Tag
}

/** The latest version. One that is damaged on the server is nothing to build on, and not a reason to fail. */
export async function readLatest(place: Place, spec: Omit<VersionQuery, 'reference'>): Promise<Latest> {
  let tag: Tag | undefined
  try {
    const record = await readRecord(place, { ...spec, reference: 'latest' })
    tag = record.tag
    return { version: await readEntries(place, record, spec.signal) }
  } catch (error) {
    if (TrackwayError.isInstance(error) && ['not_found', 'integrity_error'].includes(error.code))
      return tag === undefined ? {} : { damaged: tag }
    throw error
  }
}

/** How a version is named in messages: `dataset/sample:V2`. */
export function labelOf({ type, name, tag }: Pick<VersionRecord, 'type' | 'name' | 'tag'>): string {
  return formatSpec({ type, name, reference: tag })
}
