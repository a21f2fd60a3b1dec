import { comparePaths, formatBytes, printable } from '@trackway/protocol'
import { showInNotebooks } from '#platform'
import type { HashedEntry } from '../read/draft-entry.ts'

/** An entry that only one side has. */
export interface DiffEntry {
  /** Relative, `/`-separated. */
  path: string
  /** Bytes. */
  size: number
}

/** An entry that both sides have, with different bytes or a different executable bit. */
export interface ChangedEntry extends DiffEntry {
  /** Bytes before. */
  sizeBefore: number
  /** Whether the bytes differ; if not, the executable bit does. */
  contentChanged: boolean
  /** Whether the file is executable now. */
  executable: boolean
}

/** An entry that has a different path on the other side, with the same bytes and executable bit. */
export interface RenamedEntry extends DiffEntry {
  /** Its path before. */
  pathBefore: string
}

/** The changes from one version to another. Its lists are sorted by path. */
export interface Diff {
  /** Entries that only the other side has, under any path. */
  added: DiffEntry[]
  /** Entries that only this side has, under any path. */
  removed: DiffEntry[]
  /** Entries that both sides have, with different content. */
  changed: ChangedEntry[]
  /** Entries that both sides have under different paths. Empty files are not matched with each other. */
  renamed: RenamedEntry[]
  /** How many entries are the same. */
  unchanged: number
  /** The changes as text: a line with the counts, then one line per change. */
  toString(): string
}

/**
 * The changes from one list of entries to another.
 *
 * @internal
 */
export function diffEntries(from: readonly HashedEntry[], to: readonly HashedEntry[], title: string): Diff {
  const before = new Map(from.map((entry) => [entry.path, entry]))
  const after = new Set(to.map((entry) => entry.path))
  const onlyAfter: HashedEntry[] = []
  const changed: ChangedEntry[] = []
  let unchanged = 0
  for (const entry of to) {
    const old = before.get(entry.path)
    if (old === undefined) onlyAfter.push(entry)
    else if (old.digest === entry.digest && old.executable === entry.executable) unchanged += 1
    else changed.push(changeOf(old, entry))
  }
  const onlyBefore = from.filter(({ path }) => !after.has(path))
  for (const list of [onlyBefore, onlyAfter, changed]) list.sort((a, b) => comparePaths(a.path, b.path))
  const lists = { ...sortOutRenamed(onlyBefore, onlyAfter), changed, unchanged }
  const diff = Object.defineProperty({ ...lists, toString: () => formatDiff(lists, title) }, 'toString', {
    enumerable: false,
  })
  showInNotebooks?.('diff', diff, () => ({ title, counts: countsOf(lists), changes: changesOf(lists) }))
  return diff
}

/**
 * Separates renamed files from removed and added ones. Of several identical files, those of the same name are
 * matched first.
 */
function sortOutRenamed(
  before: readonly HashedEntry[],
  after: readonly HashedEntry[],
): Pick<Diff, 'added' | 'removed' | 'renamed'> {
  const renamed: RenamedEntry[] = []
  let [gone, come] = [before, after]
  for (const keyOf of [nameAndContentOf, contentOf]) {
    const left = new Map<string, HashedEntry[]>()
    for (const entry of gone.toReversed()) {
      if (entry.size === 0) continue
      const alike = left.get(keyOf(entry))
      if (alike === undefined) left.set(keyOf(entry), [entry])
      else alike.push(entry)
    }
    const taken = new Set<HashedEntry>()
    come = come.filter((entry) => {
      const old = left.get(keyOf(entry))?.pop()
      if (old === undefined) return true
      taken.add(old)
      renamed.push({ ...entryOf(entry), pathBefore: old.path })
      return false
    })
    gone = gone.filter((entry) => !taken.has(entry))
  }
  renamed.sort((a, b) => comparePaths(a.path, b.path))
  return { added: come.map(entryOf), removed: gone.map(entryOf), renamed }
}

function nameAndContentOf(entry: HashedEntry): string {
  return `${contentOf(entry)} ${entry.path.slice(entry.path.lastIndexOf('/') + 1)}`
}

function contentOf({ digest, executable }: HashedEntry): string {
  return `${digest}${executable ? ' x' : ''}`
}

function entryOf({ path, size }: HashedEntry): DiffEntry {
  return { path, size }
}

function changeOf(old: HashedEntry, entry: HashedEntry): ChangedEntry {
  const { path, size, executable } = entry
  return { path, size, sizeBefore: old.size, contentChanged: old.digest !== entry.digest, executable }
}

type Changes = Omit<Diff, 'toString'>

function countsOf({ added, removed, changed, renamed, unchanged }: Changes): string {
  const moved = renamed.length === 0 ? '' : `${renamed.length} renamed, `
  return `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${moved}${unchanged} unchanged`
}

/** The differences, sorted by path, each with a mark and its size. */
function changesOf({ added, removed, changed, renamed }: Changes) {
  return [
    ...added.map(({ path, size }) => ({ path, mark: '+' as const, note: formatBytes(size) })),
    ...removed.map(({ path, size }) => ({ path, mark: '-' as const, note: formatBytes(size) })),
    ...changed.map((entry) => ({ path: entry.path, mark: '~' as const, note: noteOf(entry) })),
    ...renamed.map(({ path, pathBefore, size }) => ({
      path,
      mark: '>' as const,
      note: `${formatBytes(size)}, was ${pathBefore}`,
    })),
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
  if (!contentChanged) return executable ? 'is executable now' : 'is not executable any more'
  const [before, after] = [formatBytes(sizeBefore), formatBytes(size)]
  if (size === sizeBefore) return `${after}, other content`
  if (before !== after) return `${before} → ${after}`
  return `${after}, ${formatBytes(Math.abs(size - sizeBefore))} ${size > sizeBefore ? 'more' : 'less'}`
}
