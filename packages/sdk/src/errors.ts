import { TrackwayError, type TrackwayErrorOptions } from '@trackway/protocol/content'

export { TrackwayError }

/** A function was called that needs a session: call `login` first. */
export class NotLoggedInError extends TrackwayError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'NotLoggedInError'

  constructor(attempted: string) {
    super('not_logged_in', `${attempted} needs a session; call login() first`)
  }
}

/** A function was called that needs a run: call `init` first. */
export class NotInitializedError extends TrackwayError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'NotInitializedError'

  constructor(attempted: string) {
    super('not_initialized', `${attempted} needs a run; call init() first`)
  }
}

/** Somebody else took the tag: the latest version is now `details.current`. */
export class TagConflictError extends TrackwayError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'TagConflictError'

  constructor(message: string, options: TrackwayErrorOptions) {
    super('tag_conflict', message, options)
  }
}

/** Both sides changed the same entries, which are in `details.paths`. Nothing was created. */
export class MergeConflictError extends TrackwayError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'MergeConflictError'

  constructor(attempted: string, details: { with: string; paths: string[] }) {
    const shown = details.paths.slice(0, 10).join(', ') + (details.paths.length > 10 ? ', …' : '')
    super(
      'merge_conflict',
      `${attempted}: ${details.with} changed the same entries differently: ${shown}. Get that version, resolve the conflict, and upload again`,
      { details },
    )
  }
}

/**
 * Bytes do not match their digest, even after they were fetched again. They were not passed on. For a
 * reference: the content at the address, `details.reference`, is not the content that was added.
 */
export class IntegrityError extends TrackwayError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'IntegrityError'

  constructor(
    attempted: string,
    details: { path: string; expected: string; actual: string; reference?: string },
  ) {
    const { path, expected, actual, reference } = details
    super(
      'integrity_error',
      reference === undefined
        ? `${attempted}: the bytes of ${path} have the digest ${actual}, not ${expected}`
        : `${attempted}: the content there has ${actual}, not ${expected}, so it has changed; restore it, or add it again for a new version`,
      { details },
    )
  }
}

/** The caller canceled the call by a signal, whose reason is the cause. */
export class AbortedError extends TrackwayError {
  /** Identifies the class, also across copies of this package. */
  override readonly name = 'AbortError'

  constructor(reason: unknown) {
    super('aborted', 'The call was aborted', { cause: reason })
  }
}

/**
 * An error from the wire as the class that callers catch.
 *
 * @internal
 */
export function toTypedError(error: TrackwayError): TrackwayError {
  if (error.code !== 'tag_conflict') return error
  const { reason, hint, details, requestId } = error
  return new TagConflictError(reason, { hint, details, ...(requestId !== undefined && { requestId }) })
}

// The last one is the code for a bucket that cannot be reached, by its server or without one.
const unreachableCodes = ['network_error', 'timeout', 'store_unavailable'] as const

/**
 * Whether the server or store could not be reached, so that local data must do.
 *
 * @internal
 */
export function isUnreachable(error: unknown): boolean {
  return TrackwayError.hasCode(error, ...unreachableCodes) && error.retryable
}
