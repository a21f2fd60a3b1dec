import { messageOf, TrackwayError } from '@trackway/protocol/content'
import { fileFailure, systemCodeOf } from '@trackway/protocol/node'

/** A system error as one that says what was attempted on which path. */
export function fileError(error: unknown, attempted: string, path: string): TrackwayError {
  if (TrackwayError.isInstance(error)) return error
  const systemCode = systemCodeOf(error)
  const known = systemCode === undefined ? undefined : fileFailure(systemCode)
  const reason = known?.reason ?? messageOf(error)
  return new TrackwayError(known?.code ?? 'file_error', `${attempted} ${path}: ${reason}`, {
    cause: error,
    details: { path, ...(systemCode !== undefined && { systemCode }) },
    retryable: known?.retryable ?? false,
  })
}
