import { foldName, type VersionRecord } from '@trackway/protocol'
import type { LocatedEntry } from './located-entry.ts'
import type { Connection } from '../client/connection.ts'

/** A version whose blobs are read. */
export interface ReadVersion {
  experiment: string
  type: string
  name: string
  tag: string
}

/** Where blobs are read from. */
export interface BlobScope {
  connection: Connection
  team: string
  /** The version that the blobs are read for, if there is one. */
  version?: ReadVersion | undefined
}

/**
 * Whether two scopes share their blobs: blobs belong to a team in a store, reached at the same address, since
 * a copy of a store has the same id.
 */
export function isSameStore(a: BlobScope, b: BlobScope): boolean {
  const originOf = ({ connection: { address, storeId }, team }: BlobScope) =>
    [address, storeId, foldName(team)].join('\n')
  return originOf(a) === originOf(b)
}

/** A version as it is stored. */
export interface StoredVersion {
  record: VersionRecord
  /** Sorted by path. */
  entries: readonly LocatedEntry[]
  scope: BlobScope & { experiment: string; quiet?: boolean | undefined }
}

/** A version that is read by a call: a quiet one prints nothing about retries. */
export function readBy(version: StoredVersion, { quiet }: { quiet?: boolean | undefined }): StoredVersion {
  const { scope } = version
  return quiet ? { ...version, scope: { ...scope, connection: scope.connection.quietly } } : version
}
