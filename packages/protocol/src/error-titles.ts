import type { ErrorCode } from './errors.ts'

/**
 * The meaning of each code, for people: the title of a problem. Only servers need them, so browsers do not
 * load them.
 */
export const errorTitles: Record<ErrorCode, string> = {
  // The request
  request_invalid: 'The request is not valid',
  name_invalid: 'The name is not allowed',
  revision_invalid: 'The revision is not a tag, an alias or a digest',
  digest_invalid: 'The digest is not written as sha256:<64 hex digits>',
  path_invalid: 'The path is not allowed in a version',
  manifest_invalid: 'The manifest is not valid',
  digest_mismatch: 'The bytes do not match their digest',
  unauthorized: 'A valid API key is needed',
  forbidden: 'The API key lacks permission for this',
  not_found: 'Not found',
  method_not_allowed: 'The route does not support this method',
  unsupported_media_type: 'The route does not accept this type of body',
  range_not_satisfiable: 'The range is outside the content',
  too_large: 'The request is larger than the server allows',
  host_not_allowed: 'The server does not serve this host name',
  origin_not_allowed: 'The server does not allow pages of this origin',
  body_too_slow: 'The body arrived too slowly',
  rate_limited: 'Too many requests',

  // The state
  tag_conflict: 'Another client took the tag',
  tag_out_of_order: 'The tag is not the next one',
  precondition_failed: 'A precondition of the request failed',
  alias_in_use: 'An alias points at the version',
  alias_moved: 'The alias points elsewhere than expected',
  blobs_missing: 'Blobs of the manifest are not stored',
  reservation_expired: 'The reservation of the manifest no longer exists',
  run_finished: 'The run is finished',
  version_deleted: 'The version was deleted',

  // The server and its store
  internal_error: 'The server failed',
  integrity_error: 'Stored data is damaged',
  format_unsupported: 'The format is newer than this software',
  store_unsuitable: 'The store cannot do what Trackway needs',
  store_unavailable: 'The object store is unavailable',
  sweep_in_progress: 'A sweep is deleting what the request needs',
  insufficient_storage: 'The store is full',
  quota_exceeded: 'A quota is used up',

  // Commands alone
  sweep_refused: 'The store is not in a state to be swept',

  // The client alone
  not_logged_in: 'No session',
  not_initialized: 'No run',
  config_invalid: 'The configuration is not valid',
  option_invalid: 'An option is not valid',
  file_not_found: 'There is no such file or folder',
  file_unsupported: 'Not a regular file',
  file_changed: 'The file changed while it was read',
  file_error: 'The file system reported an error',
  link_refused: 'The symbolic link leads outside the added folder',
  entry_conflict: 'Two entries conflict',
  url_unavailable: 'There is no URL for the file',
  artifact_empty: 'The artifact has no entries',
  merge_conflict: 'Both sides changed the same entries',
  target_exists: 'The target holds something else',
  target_unsupported: 'The target cannot hold these names',
  not_trackway: 'The server is not a Trackway server',
  server_too_new: 'The server speaks a newer format',
  network_error: 'The server could not be reached',
  timeout: 'The request timed out',
  aborted: 'The call was aborted',
}
