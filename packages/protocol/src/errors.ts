import { hintWords, type Hint } from './hint.ts'
import { printable } from './printable.ts'

/**
 * Every way in which Trackway fails on purpose: a stable code, the HTTP status that carries it, and whether
 * the same request may succeed when it is sent again.
 *
 * Codes without a status never travel: only clients and commands throw them.
 */
export const errorCodes = {
  // The request
  request_invalid: { status: 400, retryable: false },
  name_invalid: { status: 400, retryable: false },
  revision_invalid: { status: 400, retryable: false },
  digest_invalid: { status: 400, retryable: false },
  path_invalid: { status: 422, retryable: false },
  manifest_invalid: { status: 422, retryable: false },
  digest_mismatch: { status: 422, retryable: false },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  range_not_satisfiable: { status: 416, retryable: false },
  too_large: { status: 413, retryable: false },
  host_not_allowed: { status: 421, retryable: false },
  origin_not_allowed: { status: 403, retryable: false },
  body_too_slow: { status: 408, retryable: true },
  rate_limited: { status: 429, retryable: true },

  // The state
  tag_conflict: { status: 409, retryable: false },
  tag_out_of_order: { status: 409, retryable: false },
  precondition_failed: { status: 412, retryable: false },
  alias_in_use: { status: 409, retryable: false },
  alias_moved: { status: 409, retryable: false },
  blobs_missing: { status: 409, retryable: false },
  reservation_expired: { status: 409, retryable: false },
  run_finished: { status: 409, retryable: false },
  version_deleted: { status: 410, retryable: false },

  // The server and its store
  internal_error: { status: 500, retryable: true },
  integrity_error: { status: 500, retryable: false },
  format_unsupported: { status: 501, retryable: false },
  store_unsuitable: { status: 500, retryable: false },
  store_unavailable: { status: 503, retryable: true },
  sweep_in_progress: { status: 503, retryable: true },
  insufficient_storage: { status: 507, retryable: false },
  quota_exceeded: { status: 507, retryable: false },

  // Commands only
  sweep_refused: { retryable: false },

  // Clients only
  not_logged_in: { retryable: false },
  not_initialized: { retryable: false },
  config_invalid: { retryable: false },
  option_invalid: { retryable: false },
  file_not_found: { retryable: false },
  file_unsupported: { retryable: false },
  file_changed: { retryable: false },
  file_error: { retryable: false },
  link_refused: { retryable: false },
  entry_conflict: { retryable: false },
  url_unavailable: { retryable: false },
  artifact_empty: { retryable: false },
  merge_conflict: { retryable: false },
  target_exists: { retryable: false },
  target_unsupported: { retryable: false },
  not_trackway: { retryable: false },
  server_too_new: { retryable: false },
  network_error: { retryable: true },
  timeout: { retryable: true },
  aborted: { retryable: false },
} as const satisfies Record<string, { status?: number; retryable: boolean }>

/** A stable name for a kind of failure, such as `tag_conflict`. `TrackwayError.code` has all of them. */
export type ErrorCode = keyof typeof errorCodes

/** Options of an error, beside its code and message. */
export interface TrackwayErrorOptions {
  /** The caught error that this one explains. */
  cause?: unknown
  /** Data for programs: the path, the line, the digests. Sent in the problem document. */
  details?: Record<string, unknown>
  /** The HTTP status of the answer; by default that of the code. */
  status?: number
  /** The server's id of the failed request. */
  requestId?: string
  /** Whether the same request may succeed later; by default that of the code. */
  retryable?: boolean
  /** A suggestion, which the message ends with in words. */
  hint?: Hint | undefined
}

const marker = Symbol.for('trackway.error')

/**
 * The one class of error that Trackway throws. Switch on `code`, which is stable; the message is for
 * people and says what was attempted, on what, why it failed and what to do. It holds nothing that a
 * terminal would obey.
 */
export class TrackwayError<Code extends ErrorCode = ErrorCode> extends Error {
  /** `TrackwayError`, or the name of a class derived from it. */
  override readonly name: string = 'TrackwayError'
  /** Stable, for programs to switch on. */
  readonly code: Code
  /** The HTTP status of the answer; undefined for codes that never travel. */
  readonly status: number | undefined
  /** The server's id of the failed request, also in its log. */
  readonly requestId: string | undefined
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** Data for programs, such as the path or the digests. */
  readonly details: Record<string, unknown>
  /** The message without the words of the hint: what was attempted, on what, and why it failed. */
  readonly reason: string
  /** A suggestion, for programs that append their own wording to `reason`. */
  readonly hint: Hint | undefined

  /** The message is `reason`, and after it the hint in words. */
  constructor(code: Code, reason: string, options: TrackwayErrorOptions = {}) {
    const { cause, hint } = options
    super(
      printable(hint === undefined ? reason : `${reason}; ${hintWords(hint)}`),
      cause === undefined ? undefined : { cause },
    )
    const known: { status?: number; retryable: boolean } = errorCodes[code]
    this.code = code
    this.status = options.status ?? known.status
    this.requestId = options.requestId
    this.retryable = options.retryable ?? known.retryable
    this.details = options.details ?? {}
    this.reason = printable(reason)
    this.hint = hint
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether a value is a Trackway error, including one from another copy of this package. */
  static isInstance(value: unknown): value is TrackwayError {
    return typeof value === 'object' && value !== null && marker in value
  }

  /**
   * Whether a value is a Trackway error with one of these codes, including one from another copy of this
   * package.
   */
  static hasCode<Code extends ErrorCode>(
    value: unknown,
    ...codes: readonly Code[]
  ): value is TrackwayError<Code> {
    return TrackwayError.isInstance(value) && codes.some((code) => code === value.code)
  }
}
