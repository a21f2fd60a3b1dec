import { formatSpec, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { placeEntries } from '../content/placed-entry.ts'
import type { Place } from '../session/place.ts'
import type { StoredVersion } from './draft.ts'

export interface VersionQuery {
  type: string
  name: string
  /** A tag, an alias, `latest` or a digest. */
  reference: string
  signal?: AbortSignal | undefined
}

/** A version's record. Throws `not_found`, `version_deleted`, `reference_invalid`. */
export async function readRecord(place: Place, { signal, ...spec }: VersionQuery): Promise<VersionRecord> {
  const { connection, team, experiment } = place
  return connection.call('getVersion', {
    attempted: `Reading ${formatSpec(spec)}`,
    parameters: { team, experiment, ...spec },
    signal,
  })
}

/** A version with its entries. */
export async function readEntries(
  { connection, team, experiment }: Place,
  record: VersionRecord,
  signal?: AbortSignal,
): Promise<StoredVersion> {
  const { type, name, tag } = record
  const manifest = await connection.getManifest({
    attempted: `Reading the manifest of ${formatSpec({ type, name, reference: tag })}`,
    parameters: { team, experiment, type, name, reference: tag },
    digest: record.manifest.digest,
    signal,
  })
  return { record, entries: placeEntries(manifest), place: { connection, team, experiment } }
}

/** The latest version with its entries; undefined where there is none. */
export async function readLatest(
  place: Place,
  spec: Omit<VersionQuery, 'reference'>,
): Promise<StoredVersion | undefined> {
  try {
    const record = await readRecord(place, { ...spec, reference: 'latest' })
    return await readEntries(place, record, spec.signal)
  } catch (error) {
    if (TrackwayError.isInstance(error) && error.code === 'not_found') return undefined
    throw error
  }
}

/** How a version is named in messages: `dataset/sample:V2`. */
export function labelOf({ type, name, tag }: Pick<VersionRecord, 'type' | 'name' | 'tag'>): string {
  return formatSpec({ type, name, reference: tag })
}
