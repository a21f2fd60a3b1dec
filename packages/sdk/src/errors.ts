import { TrackwayError, type TrackwayErrorOptions } from '@trackway/protocol/content'

export { TrackwayError }

/** A function was called that needs a session: call `login` first. */
export class NotLoggedInError extends TrackwayError {
  /** Tells the class, also of another copy of this package. */
  override readonly name = 'NotLoggedInError'

  constructor(attempted: string) {
    super('not_logged_in', `${attempted} needs a session; call login() first`)
  }
}

/** A function was called that needs a run: call `init` first. */
export class NotInitializedError extends TrackwayError {
  /** Tells the class, also of another copy of this package. */
  override readonly name = 'NotInitializedError'

  constructor(attempted: string) {
    super('not_initialized', `${attempted} needs a run; call init() first`)
  }
}

/** Somebody else took the tag: the latest version is `details.current` by now. */
export class TagConflictError extends TrackwayError {
  /** Tells the class, also of another copy of this package. */
  override readonly name = 'TagConflictError'

  constructor(message: string, options: TrackwayErrorOptions) {
    super('tag_conflict', message, options)
  }
}

/** Both sides changed the same entries, which are in `details.paths`. Nothing was created. */
export class MergeConflictError extends TrackwayError {
  /** Tells the class, also of another copy of this package. */
  override readonly name = 'MergeConflictError'

  constructor(attempted: string, details: { with: string; paths: string[] }) {
    const shown = details.paths.slice(0, 10).join(', ') + (details.paths.length > 10 ? ', …' : '')
    super(
      'merge_conflict',
      `${attempted}: ${details.with} changed the same entries otherwise: ${shown}. Get it, decide, and upload again`,
      { details },
    )
  }
}

/**
 * Bytes do not match their digest, also after they were fetched once more. They were not handed out. Of a reference:
 * what lies at the address, which is `details.reference`, is not what was added.
 */
export class IntegrityError extends TrackwayError {
  /** Tells the class, also of another copy of this package. */
  override readonly name = 'IntegrityError'

  constructor(
    attempted: string,
    details: { path: string; expected: string; actual: string; reference?: string },
  ) {
    const { path, expected, actual, reference } = details
    super(
      'integrity_error',
      reference === undefined
        ? `${attempted}: the bytes of ${path} have the digest ${actual} and not ${expected}`
        : `${attempted}: what lies there has ${actual} and not ${expected}: it has changed; put back what was there, or add it once more for a new version`,
      { details },
    )
  }
}

/** The caller gave up by a signal, whose reason is the cause. */
export class AbortedError extends TrackwayError {
  /** Tells the class, also of another copy of this package. */
  override readonly name = 'AbortError'

  constructor(reason: unknown) {
    super('aborted', 'The call was aborted', { cause: reason })
  }
}

/** An error from the wire as the class that people catch. */
export function toTypedError(error: TrackwayError): TrackwayError {
  if (error.code !== 'tag_conflict') return error
  const { reason, hint, details, requestId } = error
  return new TagConflictError(reason, { hint, details, ...(requestId !== undefined && { requestId }) })
}

// The last one is how a bucket is told that cannot be reached, by a server before it or without one.
const unreachableCodes = ['network_error', 'timeout', 'store_unavailable'] as const

/** Whether what holds the data could not be reached, so that what lies here has to do. */
export function isUnreachable(error: unknown): boolean {
  return TrackwayError.hasCode(error, ...unreachableCodes) && error.retryable
}
