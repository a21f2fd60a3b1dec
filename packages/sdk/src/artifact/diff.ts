import { comparePaths, printable } from '@trackway/protocol'
import { showInNotebooks } from '#platform'
import { formatBytes } from '../transfer/format-bytes.ts'
import type { ExpectedFile } from './verify-folder.ts'

/** An entry that one side alone has. */
export interface DiffEntry {
  /** Relative, `/`-separated. */
  path: string
  /** Bytes. */
  size: number
}

/** An entry that both sides have, with other bytes or another executable bit. */
export interface ChangedEntry extends DiffEntry {
  /** Bytes before. */
  sizeBefore: number
  /** Whether the bytes differ; if not, the executable bit does. */
  contentChanged: boolean
  /** Whether the file may be run now. */
  executable: boolean
}

/** What changes from one version to another. Its lists are sorted by path. */
export interface Diff {
  /** Entries that only the other side has. */
  added: DiffEntry[]
  /** Entries that only this side has. */
  removed: DiffEntry[]
  /** Entries that both sides have, otherwise. */
  changed: ChangedEntry[]
  /** How many entries are the same. */
  unchanged: number
  /** The changes as text: a line that counts them, then one for each. */
  toString(): string
}

/** What changes from one list of entries to another. */
export function diffEntries(from: readonly ExpectedFile[], to: readonly ExpectedFile[], title: string): Diff {
  const before = new Map(from.map((entry) => [entry.path, entry]))
  const after = new Set(to.map((entry) => entry.path))
  const added: DiffEntry[] = []
  const changed: ChangedEntry[] = []
  let unchanged = 0
  for (const entry of to) {
    const old = before.get(entry.path)
    if (old === undefined) added.push(entryOf(entry))
    else if (old.digest === entry.digest && old.executable === entry.executable) unchanged += 1
    else changed.push(changeOf(old, entry))
  }
  const removed = from.filter(({ path }) => !after.has(path)).map(entryOf)
  for (const list of [added, removed, changed]) list.sort((a, b) => comparePaths(a.path, b.path))
  const lists = { added, removed, changed, unchanged }
  const diff = Object.defineProperty({ ...lists, toString: () => formatDiff(lists, title) }, 'toString', {
    enumerable: false,
  })
  return showInNotebooks('diff', diff, () => ({ title, counts: countsOf(lists), changes: changesOf(lists) }))
}

function entryOf({ path, size }: ExpectedFile): DiffEntry {
  return { path, size }
}

function changeOf(old: ExpectedFile, entry: ExpectedFile): ChangedEntry {
  const { path, size, executable } = entry
  return { path, size, sizeBefore: old.size, contentChanged: old.digest !== entry.digest, executable }
}

type Changes = Omit<Diff, 'toString'>

function countsOf({ added, removed, changed, unchanged }: Changes): string {
  return `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchanged} unchanged`
}

/** What is not the same, sorted by path, each with a mark and its size. */
function changesOf({ added, removed, changed }: Changes) {
  return [
    ...added.map(({ path, size }) => ({ path, mark: '+' as const, note: formatBytes(size) })),
    ...removed.map(({ path, size }) => ({ path, mark: '-' as const, note: formatBytes(size) })),
    ...changed.map((entry) => ({ path: entry.path, mark: '~' as const, note: noteOf(entry) })),
  ].sort((a, b) => comparePaths(a.path, b.path))
}

function formatDiff(diff: Changes, title: string): string {
  const lines = changesOf(diff)
  const width = lines.reduce((widest, { path }) => Math.max(widest, path.length), 0)
  return printable(
    [
      `${title}: ${countsOf(diff)}`,
      ...lines.map(({ mark, path, note }) => `  ${mark} ${path.padEnd(width)}  ${note}`),
    ].join('\n'),
  )
}

function noteOf({ size, sizeBefore, contentChanged, executable }: ChangedEntry): string {
  if (!contentChanged) return executable ? 'may be run now' : 'may not be run any more'
  const [before, after] = [formatBytes(sizeBefore), formatBytes(size)]
  if (size === sizeBefore) return `${after}, other content`
  if (before !== after) return `${before} → ${after}`
  return `${after}, ${formatBytes(Math.abs(size - sizeBefore))} ${size > sizeBefore ? 'more' : 'less'}`
}
