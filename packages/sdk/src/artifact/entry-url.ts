import { routePath, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { checkCall } from '../calls/calls.ts'
import { unlessAborted } from '../concurrency/abort.ts'
import { askForSignedUrls, type SignedUrls } from './signed-urls.ts'
import type { DraftEntry, StoredEntry } from '../read/draft-entry.ts'
import { labelOf } from '../version/stored-version.ts'

/** How long a signed URL is valid. */
export interface EntryUrlOptions {
  /** Seconds, at most 604,800, which is a week. Default: 3,600, an hour. */
  expiresInSeconds?: number | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * Where other programs read an entry. Throws `url_unavailable` if they cannot.
 *
 * @internal
 */
export async function entryUrl(content: DraftEntry, options: EntryUrlOptions): Promise<string> {
  checkCall('entry.url', options)
  const { expiresInSeconds = 3600, signal } = options
  if (content.kind === 'local') throw notUploaded(content.path)
  if (content.located.reference !== undefined)
    return referenceUrl(content.located.path, content.located.reference)
  if (content.kind === 'reference') throw notUploaded(content.path)
  const { located, scope, record } = content
  const { serverUrl } = scope.connection
  if (serverUrl === undefined) throw noServer(content)
  const answer = askForSignedUrls(scope.connection, { record, path: located.path, expiresInSeconds })
  return serverUrl + urlOf(record, located.path, await unlessAborted(answer, signal))
}

/** The client forms the URL, and takes only the signature from the server, so no URL leads elsewhere. */
function urlOf(record: VersionRecord, path: string, { tag, queries }: SignedUrls): string {
  const query = queries.get(path)
  if (query === undefined || tag !== record.tag) {
    throw new TrackwayError(
      'not_trackway',
      `Signing a URL for ${path} of ${labelOf(record)}: the server returned one for another file; check the host`,
    )
  }
  const { team, experiment, type, name } = record
  const url = routePath('getFile', { team, experiment, type, name, revision: tag, path })
  return query === '' ? url : `${url}?${query}`
}

function referenceUrl(path: string, reference: string): string {
  if (/^https?:\/\//i.test(reference)) return reference
  throw unavailable(path, 'its bytes are elsewhere, and not at an http or https URL')
}

function noServer({ located: { path }, record }: StoredEntry): TrackwayError {
  return unavailable(
    `${path} of ${labelOf(record)}`,
    'it is in a store without a server, so that other programs cannot request it. Serve the store (trackway-server serve --store <store>) and log in to that server, or download it',
  )
}

function notUploaded(path: string): TrackwayError {
  return unavailable(path, 'it is not uploaded yet; upload its artifact first')
}

function unavailable(entry: string, why: string): TrackwayError {
  return new TrackwayError('url_unavailable', `Making a URL for ${entry}: ${why}`)
}
