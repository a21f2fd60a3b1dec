import { printable } from './printable.ts'

/**
 * Every way in which Trackway fails on purpose: a stable code, the HTTP status that carries it, and whether the
 * same request may succeed when it is sent again.
 *
 * Codes without a status never travel: only a client raises them.
 */
export const errorCodes = {
  // The request
  request_invalid: { status: 400, title: 'The request is not understood', retryable: false },
  name_invalid: { status: 400, title: 'The name is not allowed', retryable: false },
  reference_invalid: {
    status: 400,
    title: 'The reference is not a tag, an alias or a digest',
    retryable: false,
  },
  digest_invalid: {
    status: 400,
    title: 'The digest is not written as sha256:<64 hex digits>',
    retryable: false,
  },
  path_invalid: { status: 422, title: 'The path is not allowed in a version', retryable: false },
  manifest_invalid: { status: 422, title: 'The manifest is not valid', retryable: false },
  digest_mismatch: {
    status: 422,
    title: 'The bytes do not have the digest they were announced with',
    retryable: false,
  },
  unauthorized: { status: 401, title: 'A valid API key is needed', retryable: false },
  forbidden: { status: 403, title: 'The API key has no right to do this', retryable: false },
  not_found: { status: 404, title: 'There is no such thing', retryable: false },
  method_not_allowed: { status: 405, title: 'The route does not know this method', retryable: false },
  unsupported_media_type: {
    status: 415,
    title: 'The body has a type that this route does not read',
    retryable: false,
  },
  range_not_satisfiable: { status: 416, title: 'The range lies outside of the content', retryable: false },
  too_large: { status: 413, title: 'The request is larger than the server takes', retryable: false },
  host_not_allowed: {
    status: 421,
    title: 'The server does not answer under this host name',
    retryable: false,
  },
  origin_not_allowed: {
    status: 403,
    title: 'The server does not answer pages of this origin',
    retryable: false,
  },
  body_too_slow: { status: 408, title: 'The body came too slowly', retryable: true },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },

  // The state
  tag_conflict: { status: 409, title: 'The tag was taken by somebody else', retryable: false },
  tag_out_of_order: { status: 409, title: 'The tag is not the next one', retryable: false },
  precondition_failed: {
    status: 412,
    title: 'A precondition of the request does not hold',
    retryable: false,
  },
  alias_in_use: { status: 409, title: 'An alias points at the version', retryable: false },
  alias_moved: { status: 409, title: 'The alias points elsewhere than expected', retryable: false },
  blobs_missing: { status: 409, title: 'Blobs of the manifest are not stored', retryable: false },
  reservation_expired: { status: 409, title: 'The reservation of the manifest is gone', retryable: false },
  run_finished: { status: 409, title: 'The run is finished', retryable: false },
  version_deleted: { status: 410, title: 'The version was deleted', retryable: false },

  // The server and its store
  internal_error: { status: 500, title: 'The server failed', retryable: true },
  integrity_error: { status: 500, title: 'Stored bytes do not match their digest', retryable: false },
  format_unsupported: { status: 501, title: 'The format is newer than this software', retryable: false },
  store_unsuitable: {
    status: 500,
    title: 'The object store does not keep a promise that Trackway needs',
    retryable: false,
  },
  store_unavailable: { status: 503, title: 'The object store does not answer', retryable: true },
  sweep_in_progress: { status: 503, title: 'A sweep is deleting what the request needs', retryable: true },
  insufficient_storage: { status: 507, title: 'The store is full', retryable: false },

  // Commands alone
  sweep_refused: { title: 'The store is not as a sweep has to find it', retryable: false },

  // The client alone
  not_logged_in: { title: 'No session', retryable: false },
  not_initialized: { title: 'No run', retryable: false },
  config_invalid: { title: 'The configuration is not valid', retryable: false },
  option_invalid: { title: 'An option is not valid', retryable: false },
  file_not_found: { title: 'There is no such file or folder', retryable: false },
  file_unsupported: { title: 'Not a regular file', retryable: false },
  file_changed: { title: 'The file changed while it was read', retryable: false },
  file_error: { title: 'The file system refused', retryable: false },
  link_refused: { title: 'The symbolic link leads out of the added folder', retryable: false },
  entry_conflict: { title: 'Two entries cannot stand beside each other', retryable: false },
  address_unavailable: { title: 'The file has no address', retryable: false },
  artifact_empty: { title: 'The artifact has no entries', retryable: false },
  merge_conflict: { title: 'Both sides changed the same entries', retryable: false },
  target_exists: { title: 'The target holds something else', retryable: false },
  target_unsupported: { title: 'The target cannot hold these names', retryable: false },
  not_trackway: { title: 'The server is not a Trackway server', retryable: false },
  server_too_new: { title: 'The server speaks a newer format', retryable: false },
  network_error: { title: 'The server could not be reached', retryable: true },
  timeout: { title: 'The time for the request is over', retryable: true },
  aborted: { title: 'The call was aborted', retryable: false },
} as const satisfies Record<string, { status?: number; title: string; retryable: boolean }>

/** A stable name for a kind of failure, such as `tag_conflict`. */
export type ErrorCode = keyof typeof errorCodes

/** What an error carries beside its code and message. */
export interface TrackwayErrorOptions {
  /** What was caught, where this error explains another. */
  cause?: unknown
  /** Facts for programs: the path, the line, the digests. They travel in the problem document. */
  details?: Record<string, unknown>
  /** The HTTP status of the answer; by default the one of the code. */
  status?: number
  /** The server's name for the request that failed. */
  requestId?: string
  /** Whether the same request may succeed later; by default what the code says. */
  retryable?: boolean
}

const marker = Symbol.for('trackway.error')

/**
 * The one class of error that Trackway throws. Switch on `code`, which is stable; the message is for people and says
 * what was attempted, on what, why it failed and what to do. It holds nothing that a terminal would obey.
 */
export class TrackwayError extends Error {
  override readonly name: string = 'TrackwayError'
  readonly code: ErrorCode
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly retryable: boolean
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, message: string, options: TrackwayErrorOptions = {}) {
    super(printable(message), options.cause === undefined ? undefined : { cause: options.cause })
    const known: { status?: number; retryable: boolean } = errorCodes[code]
    this.code = code
    this.status = options.status ?? known.status
    this.requestId = options.requestId
    this.retryable = options.retryable ?? known.retryable
    this.details = options.details ?? {}
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether a value is a Trackway error, also one made by another copy of this package. */
  static isInstance(value: unknown): value is TrackwayError {
    return typeof value === 'object' && value !== null && marker in value
  }
}
