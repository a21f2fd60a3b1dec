import { TrackwayError, type Digest, type VersionRecord } from '@trackway/protocol'

const advice =
  'uploading the same content again puts it back, and trackway-server check names all that is damaged'

/** Says that the store has lost a blob that a version needs: damage, and not something that never was. */
export function lostBlob({ type, name, tag, experiment }: VersionRecord, digest: Digest): TrackwayError {
  return new TrackwayError(
    'integrity_error',
    `${type}/${name}:${tag} in experiment ${experiment} is damaged: the store has lost the blob ${digest}; ${advice}`,
    { details: { artifact: `${type}/${name}`, tag, blob: digest } },
  )
}

/** What was read for a version. Where it is damaged, the error names the version. */
export async function forVersion<T>(record: VersionRecord, read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    throw damageOf(record, error)
  }
}

/** An error that names the version, where it is damage. */
export function damageOf({ type, name, tag, experiment }: VersionRecord, error: unknown): unknown {
  if (!TrackwayError.hasCode(error, 'integrity_error')) return error
  return new TrackwayError(
    'integrity_error',
    `${type}/${name}:${tag} in experiment ${experiment} is damaged: ${error.reason}; ${advice}`,
    { cause: error, details: { ...error.details, artifact: `${type}/${name}`, tag } },
  )
}
