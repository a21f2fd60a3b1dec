import { TrackwayError, type Digest, type VersionRecord } from '@trackway/protocol'

const advice =
  'uploading the same content again restores it, and trackway-server check names everything that is damaged'

/**
 * The error for a blob that a version needs but the store has lost: damage, unlike a blob that never existed.
 */
export function lostBlob({ type, name, tag, experiment }: VersionRecord, digest: Digest): TrackwayError {
  return new TrackwayError(
    'integrity_error',
    `${type}/${name}:${tag} in experiment ${experiment} is damaged: the store has lost the blob ${digest}; ${advice}`,
    { details: { artifact: `${type}/${name}`, tag, blob: digest } },
  )
}

/** Reads something for a version. If it is damaged, the error names the version. */
export async function forVersion<T>(record: VersionRecord, read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    throw damageOf(record, error)
  }
}

/** Adds the version to an error that reports damage. */
export function damageOf({ type, name, tag, experiment }: VersionRecord, error: unknown): unknown {
  if (!TrackwayError.hasCode(error, 'integrity_error')) return error
  return new TrackwayError(
    'integrity_error',
    `${type}/${name}:${tag} in experiment ${experiment} is damaged: ${error.reason}; ${advice}`,
    { cause: error, details: { ...error.details, artifact: `${type}/${name}`, tag } },
  )
}
