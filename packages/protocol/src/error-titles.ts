import type { ErrorCode } from './errors.ts'

/** What each code means, for people: the title of a problem. Only those who answer need them, so that browsers do not load them. */
export const errorTitles: Record<ErrorCode, string> = {
  // The request
  request_invalid: 'The request is not understood',
  name_invalid: 'The name is not allowed',
  revision_invalid: 'The revision is not a tag, an alias or a digest',
  digest_invalid: 'The digest is not written as sha256:<64 hex digits>',
  path_invalid: 'The path is not allowed in a version',
  manifest_invalid: 'The manifest is not valid',
  digest_mismatch: 'The bytes do not have the digest they were announced with',
  unauthorized: 'A valid API key is needed',
  forbidden: 'The API key has no right to do this',
  not_found: 'There is no such thing',
  method_not_allowed: 'The route does not know this method',
  unsupported_media_type: 'The body has a type that this route does not read',
  range_not_satisfiable: 'The range lies outside of the content',
  too_large: 'The request is larger than the server takes',
  host_not_allowed: 'The server does not answer under this host name',
  origin_not_allowed: 'The server does not answer pages of this origin',
  body_too_slow: 'The body came too slowly',
  rate_limited: 'Too many requests',

  // The state
  tag_conflict: 'The tag was taken by somebody else',
  tag_out_of_order: 'The tag is not the next one',
  precondition_failed: 'A precondition of the request does not hold',
  alias_in_use: 'An alias points at the version',
  alias_moved: 'The alias points elsewhere than expected',
  blobs_missing: 'Blobs of the manifest are not stored',
  reservation_expired: 'The reservation of the manifest is gone',
  run_finished: 'The run is finished',
  version_deleted: 'The version was deleted',

  // The server and its store
  internal_error: 'The server failed',
  integrity_error: 'Stored data is damaged',
  format_unsupported: 'The format is newer than this software',
  store_unsuitable: 'The store cannot do what Trackway needs of it',
  store_unavailable: 'The object store does not answer',
  sweep_in_progress: 'A sweep is deleting what the request needs',
  insufficient_storage: 'The store is full',
  quota_exceeded: 'A quota is used up',

  // Commands alone
  sweep_refused: 'The store is not as a sweep has to find it',

  // The client alone
  not_logged_in: 'No session',
  not_initialized: 'No run',
  config_invalid: 'The configuration is not valid',
  option_invalid: 'An option is not valid',
  file_not_found: 'There is no such file or folder',
  file_unsupported: 'Not a regular file',
  file_changed: 'The file changed while it was read',
  file_error: 'The file system refused',
  link_refused: 'The symbolic link leads out of the added folder',
  entry_conflict: 'Two entries cannot stand beside each other',
  url_unavailable: 'There is no URL for the file',
  artifact_empty: 'The artifact has no entries',
  merge_conflict: 'Both sides changed the same entries',
  target_exists: 'The target holds something else',
  target_unsupported: 'The target cannot hold these names',
  not_trackway: 'The server is not a Trackway server',
  server_too_new: 'The server speaks a newer format',
  network_error: 'The server could not be reached',
  timeout: 'The time for the request is over',
  aborted: 'The call was aborted',
}
