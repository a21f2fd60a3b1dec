import type { VersionRecord } from '@trackway/protocol'
import type { Elsewhere } from '../client/elsewhere.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { BlobScope } from '../version/version.ts'
import type { ReferenceEntry } from './read-reference.ts'

/** An entry that is stored. */
export interface StoredEntry {
  kind: 'stored'
  located: LocatedEntry
  scope: BlobScope
  /** Of a version that contains it. */
  record: VersionRecord
}

/** A reference that was added. Only the entry itself is stored. */
export interface AddedReference {
  kind: 'reference'
  path: string
  located: ReferenceEntry
  /** Reads the content at the address. */
  elsewhere: Elsewhere
}

/** What was added, and is not in a version yet. */
export type AddedEntry = LocalEntry | AddedReference

export type DraftEntry = StoredEntry | AddedEntry

/** What an entry is compared by. */
export type HashedEntry = Pick<LocatedEntry, 'path' | 'size' | 'digest' | 'executable'>

/** The path and size of an entry; if it is not stored yet, the size when it was added. */
export function factsOf(entry: DraftEntry): { path: string; size: number; executable: boolean } {
  return entry.kind === 'local' ? entry : entry.located
}
