import type { ErrorCode } from '@trackway/sdk'

/** Exit codes by kind of failure. Scripts depend on these numbers. */
export const exitCodes = {
  ok: 0,
  /** `diff` or `verify` found a difference. */
  different: 1,
  /** The command or the configuration is invalid. */
  usage: 2,
  notFound: 3,
  noRights: 4,
  conflict: 5,
  /** The server or the store failed, or could not be reached. */
  server: 6,
  /** Stored bytes are corrupt. */
  integrity: 7,
  /** A problem with local files or folders. */
  files: 8,
  /** A bug in this program. */
  bug: 70,
  /** Ctrl-C, or a question answered with no. SIGTERM and SIGHUP have codes of their own. */
  aborted: 130,
} as const

/** The exit code for each error code. */
export const exitCodeOf: Record<ErrorCode, number> = {
  request_invalid: exitCodes.usage,
  name_invalid: exitCodes.usage,
  revision_invalid: exitCodes.usage,
  digest_invalid: exitCodes.usage,
  path_invalid: exitCodes.usage,
  option_invalid: exitCodes.usage,
  config_invalid: exitCodes.usage,
  not_initialized: exitCodes.usage,
  not_found: exitCodes.notFound,
  version_deleted: exitCodes.notFound,
  file_not_found: exitCodes.notFound,
  unauthorized: exitCodes.noRights,
  forbidden: exitCodes.noRights,
  not_logged_in: exitCodes.noRights,
  tag_conflict: exitCodes.conflict,
  tag_out_of_order: exitCodes.conflict,
  merge_conflict: exitCodes.conflict,
  precondition_failed: exitCodes.conflict,
  alias_in_use: exitCodes.conflict,
  alias_moved: exitCodes.conflict,
  run_finished: exitCodes.conflict,
  target_exists: exitCodes.conflict,
  network_error: exitCodes.server,
  timeout: exitCodes.server,
  not_trackway: exitCodes.server,
  server_too_new: exitCodes.server,
  host_not_allowed: exitCodes.server,
  origin_not_allowed: exitCodes.server,
  url_unavailable: exitCodes.server,
  method_not_allowed: exitCodes.server,
  unsupported_media_type: exitCodes.server,
  range_not_satisfiable: exitCodes.server,
  too_large: exitCodes.server,
  body_too_slow: exitCodes.server,
  rate_limited: exitCodes.server,
  internal_error: exitCodes.server,
  store_unsuitable: exitCodes.server,
  store_unavailable: exitCodes.server,
  sweep_in_progress: exitCodes.server,
  sweep_refused: exitCodes.server,
  insufficient_storage: exitCodes.server,
  quota_exceeded: exitCodes.server,
  blobs_missing: exitCodes.server,
  reservation_expired: exitCodes.server,
  format_unsupported: exitCodes.server,
  integrity_error: exitCodes.integrity,
  digest_mismatch: exitCodes.integrity,
  manifest_invalid: exitCodes.integrity,
  file_unsupported: exitCodes.files,
  file_changed: exitCodes.files,
  file_error: exitCodes.files,
  link_refused: exitCodes.files,
  entry_conflict: exitCodes.files,
  artifact_empty: exitCodes.files,
  target_unsupported: exitCodes.files,
  aborted: exitCodes.aborted,
}
