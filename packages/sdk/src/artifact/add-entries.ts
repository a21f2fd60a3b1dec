import { TrackwayError } from '@trackway/protocol'
import { foldersOf, putEntry, type Draft } from './draft.ts'
import type { AddedEntry } from '../read/draft-entry.ts'

/** Adds all entries or, if one does not fit, none. Throws `entry_conflict`. */
export function addEntries(draft: Draft, added: readonly AddedEntry[]): void {
  const fresh = new Map<string, AddedEntry>()
  const freshFolders = new Map<string, string>()
  for (const entry of added) {
    const earlier = fresh.get(entry.path) ?? addedAt(draft, entry.path)
    if (earlier !== undefined && originOf(earlier) !== originOf(entry)) throw twoSources(earlier, entry)
    fresh.set(entry.path, entry)
    for (const folder of foldersOf(entry.path)) freshFolders.set(folder, entry.path)
  }
  for (const { path } of added) {
    if (draft.folders.has(path) || freshFolders.has(path)) throw fileAndFolder(path, freshFolders.get(path))
    const file = foldersOf(path).find((folder) => draft.entries.has(folder) || fresh.has(folder))
    if (file !== undefined) throw fileAndFolder(file, path)
  }
  for (const [path, entry] of fresh) putEntry(draft, path, entry)
  draft.modified ||= fresh.size > 0
}

function addedAt(draft: Draft, path: string): AddedEntry | undefined {
  const entry = draft.entries.get(path)
  return entry?.kind === 'stored' ? undefined : entry
}

function originOf(entry: AddedEntry): unknown {
  return entry.kind === 'local' ? entry.origin : entry.located.reference
}

function labelOf(entry: AddedEntry): string {
  return entry.kind === 'local' ? entry.source.label : entry.located.reference
}

function twoSources(earlier: AddedEntry, later: AddedEntry): TrackwayError {
  const [one, other] = [labelOf(earlier), labelOf(later)]
  const isForm = one !== other && one.normalize('NFC') === other.normalize('NFC')
  const form = isForm ? ' (their names differ only in their Unicode form)' : ''
  return new TrackwayError(
    'entry_conflict',
    `Two things were added as ${later.path}: ${one} and ${other}${form}`,
    { details: { path: later.path }, hint: { kind: 'path', path: later.path } },
  )
}

function fileAndFolder(file: string, below: string | undefined): TrackwayError {
  return new TrackwayError(
    'entry_conflict',
    `${file} cannot be a file and the folder of ${below ?? 'other entries'}`,
    {
      details: { path: file, ...(below !== undefined && { below }) },
      hint: { kind: 'path', path: file },
    },
  )
}
