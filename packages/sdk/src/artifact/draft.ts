import { comparePaths, type VersionRecord } from '@trackway/protocol'
import type { ContentSource } from '../content/content-source.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { Elsewhere } from '../client/connection.ts'
import type { ReferenceEntry } from '../read/read-reference.ts'
import type { BlobScope, StoredVersion } from '../version/version.ts'

/** An entry that is stored. */
export interface StoredEntry {
  kind: 'stored'
  located: LocatedEntry
  scope: BlobScope
  /** Of a version that contains it. */
  record: VersionRecord
}

/** An entry that was added and is not stored yet. */
export interface LocalEntry {
  kind: 'local'
  path: string
  /** Bytes, as of the adding. */
  size: number
  executable: boolean
  source: ContentSource
  /** Of a file: identifies the state in which it was added, if there is a way to. */
  identity?: string | undefined
  /** Of a file: the folder that was added. */
  folder?: string | undefined
  /** What the entry was made from: adding the same thing again is not a conflict. */
  origin: unknown
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

/** The path and size of an entry; if it is not stored yet, the size when it was added. */
export function factsOf(entry: DraftEntry): { path: string; size: number; executable: boolean } {
  return entry.kind === 'local' ? entry : entry.located
}

/** What an artifact holds: the entries of its next version, and the version that they started from. */
export interface Draft {
  entries: Map<string, DraftEntry>
  /** How many entries are below each folder. */
  folders: Map<string, number>
  version: StoredVersion | undefined
  /** Whether anything was added or removed since. */
  modified: boolean
  /** The entries in the order of their paths, until one changes. */
  sorted: readonly DraftEntry[] | undefined
  /** Folders that were added and are empty. */
  emptyFolders?: Set<string> | undefined
}

export function createDraft(version?: StoredVersion): Draft {
  const draft: Draft = { entries: new Map(), folders: new Map(), version, modified: false, sorted: undefined }
  if (version === undefined) return draft
  for (const located of version.entries)
    putEntry(draft, located.path, { kind: 'stored', located, scope: version.scope, record: version.record })
  return draft
}

/** Puts an entry at its path, replacing the one that is there. */
export function putEntry(draft: Draft, path: string, entry: DraftEntry): void {
  const { entries, folders } = draft
  if (!entries.has(path))
    for (const folder of foldersOf(path)) folders.set(folder, (folders.get(folder) ?? 0) + 1)
  entries.set(path, entry)
  draft.sorted = undefined
}

/** Removes an entry. */
export function dropEntry(draft: Draft, path: string): void {
  const { entries, folders } = draft
  if (!entries.delete(path)) return
  draft.sorted = undefined
  for (const folder of foldersOf(path)) {
    const count = (folders.get(folder) ?? 1) - 1
    if (count === 0) folders.delete(folder)
    else folders.set(folder, count)
  }
}

/** The entries, sorted by the bytes of their paths. */
export function sortedEntries(draft: Draft): readonly DraftEntry[] {
  draft.sorted ??= [...draft.entries].sort(([a], [b]) => comparePaths(a, b)).map(([, entry]) => entry)
  return draft.sorted
}

/** The folders that contain a path, the outermost first. */
export function foldersOf(path: string): string[] {
  const folders: string[] = []
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash))
  return folders
}
