import { maxFileAddresses, type VersionRecord } from '@trackway/protocol'
import type { Connection } from '../client/connection.ts'
import { labelOf } from '../version/stored-version.ts'

/** Which file an address is wanted of, and for how long. */
export interface AddressQuestion {
  record: VersionRecord
  path: string
  expiresInSeconds: number
}

/** What stands behind the `?` of addresses, by path. */
export interface FileAddresses {
  /** Of the version that they are of. */
  tag: string
  queries: ReadonlyMap<string, string>
}

interface Batch {
  paths: Set<string>
  answer: Promise<FileAddresses>
}

/** Questions that were asked and not sent yet: of a version, by how long the addresses are to be good for. */
const waiting = new WeakMap<VersionRecord, Map<number, Batch>>()

/** Asks for an address. What is asked of one version at the same time, such as for a page of pictures, travels together. */
export function askForFileAddresses(
  connection: Connection,
  { record, path, expiresInSeconds }: AddressQuestion,
): Promise<FileAddresses> {
  const batches = waiting.get(record) ?? new Map<number, Batch>()
  waiting.set(record, batches)
  const batch = batches.get(expiresInSeconds) ?? beginBatch(batches)
  batch.paths.add(path)
  if (batch.paths.size === maxFileAddresses) batches.delete(expiresInSeconds)
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
): Promise<FileAddresses> {
  const { team, experiment, type, name, tag: revision } = record
  const [first = '', ...others] = body.paths
  const { tag, addresses } = await connection.call('makeFileAddresses', {
    attempted: `Making an address of ${first}${others.length > 0 ? ` and ${others.length} more` : ''} of ${labelOf(record)}`,
    parameters: { team, experiment, type, name, revision },
    body,
  })
  return { tag, queries: new Map(addresses.map(({ path, query }) => [path, query])) }
}
