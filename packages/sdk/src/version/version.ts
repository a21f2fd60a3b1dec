import { foldName, type VersionRecord } from '@trackway/protocol'
import type { PlacedEntry } from './placed-entry.ts'
import type { Connection } from '../client/connection.ts'

/** A version whose blobs are read. */
export interface ReadVersion {
  experiment: string
  type: string
  name: string
  tag: string
}

/** Where blobs are read from. */
export interface BlobPlace {
  connection: Connection
  team: string
  /** The version that the blobs are read for, if there is one. */
  version?: ReadVersion | undefined
}

/**
 * Whether two scopes share their blobs: blobs belong to a team in a store, reached at the same address, since
 * a copy of a store has the same id.
 */
export function isSameStore(a: BlobPlace, b: BlobPlace): boolean {
  const originOf = ({ connection: { address, storeId }, team }: BlobPlace) =>
    [address, storeId, foldName(team)].join('\n')
  return originOf(a) === originOf(b)
}

/** A version as it is stored. */
export interface StoredVersion {
  record: VersionRecord
  /** Sorted by path. */
  entries: readonly PlacedEntry[]
  place: BlobPlace & { experiment: string; quiet?: boolean | undefined }
}
