import { routePath, TrackwayError, type VersionRecord } from '@trackway/protocol'
import { checkCall } from '../calls/calls.ts'
import { unlessAborted } from '../concurrency/abort.ts'
import { askForFileAddresses, type FileAddresses } from './file-addresses.ts'
import type { DraftEntry, StoredEntry } from './draft.ts'
import { labelOf } from '../version/stored-version.ts'

/** How long an address is good for. */
export interface EntryUrlOptions {
  /** Seconds, at most 604,800, which is a week. Default: 3,600, an hour. */
  expiresInSeconds?: number | undefined
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** Where other programs read an entry. Throws `address_unavailable` where they cannot. */
export async function entryUrl(content: DraftEntry, options: EntryUrlOptions): Promise<string> {
  checkCall('entry.url', options)
  const { expiresInSeconds = 3600, signal } = options
  if (content.kind === 'local') throw notUploaded(content.path)
  if (content.placed.reference !== undefined)
    return referenceUrl(content.placed.path, content.placed.reference)
  if (content.kind === 'reference') throw notUploaded(content.path)
  const { placed, place, record } = content
  const { serverUrl } = place.connection
  if (serverUrl === undefined) throw noServer(content)
  const answer = askForFileAddresses(place.connection, { record, path: placed.path, expiresInSeconds })
  return serverUrl + addressOf(record, placed.path, await unlessAborted(answer, signal))
}

/** The address is ours, and only what proves the right to it the server's: none of them leads elsewhere. */
function addressOf(record: VersionRecord, path: string, { tag, queries }: FileAddresses): string {
  const query = queries.get(path)
  if (query === undefined || tag !== record.tag) {
    throw new TrackwayError(
      'not_trackway',
      `Making an address of ${path} of ${labelOf(record)}: the server answers with another one; check the host`,
    )
  }
  const { team, experiment, type, name } = record
  const address = routePath('getFile', { team, experiment, type, name, revision: tag, path })
  return query === '' ? address : `${address}?${query}`
}

function referenceUrl(path: string, reference: string): string {
  if (/^https?:\/\//i.test(reference)) return reference
  throw unavailable(path, 'its bytes are elsewhere, and not at an address of http or https')
}

function noServer({ placed: { path }, record }: StoredEntry): TrackwayError {
  return unavailable(
    `${path} of ${labelOf(record)}`,
    'it lies in a store without a server, which other programs cannot ask. Serve it (trackway-server serve --store <store>) and log in to that, or download it',
  )
}

function notUploaded(path: string): TrackwayError {
  return unavailable(path, 'it is not uploaded yet; upload its artifact first')
}

function unavailable(entry: string, why: string): TrackwayError {
  return new TrackwayError('address_unavailable', `Making an address of ${entry}: ${why}`)
}
