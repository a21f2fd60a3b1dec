import { maxSignedUrls, type VersionRecord } from '@trackway/protocol'
import type { Connection } from '../client/connection.ts'
import { labelOf } from '../version/stored-version.ts'

/** Which file a signed URL is requested for, and for how long. */
export interface SignedUrlQuestion {
  record: VersionRecord
  path: string
  expiresInSeconds: number
}

/** The query strings of signed URLs, by path. */
export interface SignedUrls {
  /** Of the version that they belong to. */
  tag: string
  queries: ReadonlyMap<string, string>
}

interface Batch {
  paths: Set<string>
  answer: Promise<SignedUrls>
}

/** Requests that are not sent yet: per version, by the lifetime of the URLs. */
const waiting = new WeakMap<VersionRecord, Map<number, Batch>>()

/**
 * Requests a signed URL. URLs of one version that are requested at the same time, such as for a page of
 * pictures, share a request.
 */
export function askForSignedUrls(
  connection: Connection,
  { record, path, expiresInSeconds }: SignedUrlQuestion,
): Promise<SignedUrls> {
  const batches = waiting.get(record) ?? new Map<number, Batch>()
  waiting.set(record, batches)
  const batch = batches.get(expiresInSeconds) ?? beginBatch(batches)
  batch.paths.add(path)
  if (batch.paths.size === maxSignedUrls) batches.delete(expiresInSeconds)
  return batch.answer

  function beginBatch(open: Map<number, Batch>): Batch {
    const paths = new Set<string>()
    const answer = Promise.resolve().then(() => {
      if (open.get(expiresInSeconds)?.paths === paths) open.delete(expiresInSeconds)
      return send(connection, record, { paths: [...paths], expiresInSeconds })
    })
    const begun = { paths, answer }
    open.set(expiresInSeconds, begun)
    return begun
  }
}

async function send(
  connection: Connection,
  record: VersionRecord,
  body: { paths: string[]; expiresInSeconds: number },
): Promise<SignedUrls> {
  const { team, experiment, type, name, tag: revision } = record
  const [first = '', ...others] = body.paths
  const { tag, urls } = await connection.call('makeSignedUrls', {
    attempted: `Signing a URL for ${first}${others.length > 0 ? ` and ${others.length} more` : ''} of ${labelOf(record)}`,
    parameters: { team, experiment, type, name, revision },
    body,
  })
  return { tag, queries: new Map(urls.map(({ path, query }) => [path, query])) }
}
