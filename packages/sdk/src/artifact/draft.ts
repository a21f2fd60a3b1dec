import { comparePaths, demandText, hintOfNames, nearestPaths, TrackwayError } from '@trackway/protocol'
import type { DraftEntry } from '../read/draft-entry.ts'
import type { StoredVersion } from '../version/version.ts'

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

const drafts = new WeakMap<object, Draft>()

/** Makes this the draft of an artifact. */
export function keepDraft(artifact: object, draft: Draft): void {
  drafts.set(artifact, draft)
}

/**
 * What an artifact holds. Throws `option_invalid` for a value that is not an Artifact of this copy of the
 * package.
 */
export function draftOf(artifact: object): Draft {
  const draft = drafts.get(artifact)
  if (draft !== undefined) return draft
  throw new TrackwayError(
    'option_invalid',
    'This is not an Artifact of this copy of @trackway/sdk; create one with new Artifact(name, type), or await getArtifact',
  )
}

/** The current entries of an artifact. */
export function contentsOf(artifact: object): readonly DraftEntry[] {
  return sortedEntries(draftOf(artifact))
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

/** The entry with a path. Throws `not_found`, naming similar paths. `label` names the artifact. */
export function entryAt(draft: Draft, path: string, label: string): DraftEntry {
  const entry = draft.entries.get(checkPath(path))
  if (entry === undefined) throw noEntry(draft, path, `Reading ${path}: ${label}`)
  return entry
}

/** Removes an entry, or everything below a folder (`'old/'`). Throws `not_found`, naming similar paths. */
export function removeEntries(draft: Draft, path: string, label: string): void {
  const wanted = checkPath(path)
  const paths = wanted.endsWith('/')
    ? [...draft.entries.keys()].filter((each) => each.startsWith(wanted))
    : [wanted]
  if (paths.length === 0 || !paths.every((each) => draft.entries.has(each)))
    throw noEntry(draft, path, `Removing ${path}: ${label}`)
  for (const each of paths) dropEntry(draft, each)
  draft.modified = true
}

function checkPath(path: string): string {
  return demandText(path, 'The path of an entry', 'train.csv').normalize('NFC')
}

function noEntry({ entries }: Draft, path: string, attempted: string): TrackwayError {
  const near = nearestPaths(path, entries.keys())
  return new TrackwayError('not_found', `${attempted} has no such entry`, {
    details: { path, near },
    hint: hintOfNames(near),
  })
}
