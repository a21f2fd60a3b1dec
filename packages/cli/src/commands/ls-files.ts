import { hintOfNames, nearestPaths } from '@trackway/server/command'
import type { Entry } from '@trackway/sdk'
import { countOf } from '../output/count-of.ts'
import { formatTree } from '../output/format-tree.ts'
import type { PagerFlags } from '../terminal/pager.ts'
import { printLong } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import type { OutputFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface Listed {
  spec: string
  entries: readonly Entry[]
}

interface Output {
  flags: OutputFlags & PagerFlags
  terminal: Terminal
}

/** Lists all files of a version: as a tree on a terminal, and into a pipe as one path per line. */
export async function listFiles({ spec, entries }: Listed, { flags, terminal }: Output): Promise<void> {
  const { formatBytes } = await import('@trackway/sdk')
  const files = entries.map(factsOf)
  const size = sizeOf(files)
  const lines = () =>
    terminal.isRead
      ? [
          `${styled(terminal, 'bold', spec)}  ${countOf(files.length, 'file')}, ${formatBytes(size)}`,
          ...formatTree(
            terminal,
            files.map((file) => ({ path: file.path, note: noteOf(file, formatBytes) })),
          ),
        ]
      : files.map(({ path }) => path)
  await printLong(terminal, flags, { value: { spec, files, size }, lines })
}

/** Lists one folder of a version: its files, and its subfolders with their totals. */
export async function listFolder(
  { spec, entries, folder }: Listed & { folder: string },
  { flags, terminal }: Output,
): Promise<void> {
  const { formatBytes } = await import('@trackway/sdk')
  const path = folder.normalize('NFC').replaceAll(/^(\.?\/)+|(^|\/)\.?\/*$/g, '')
  const beginning = path === '' ? '' : `${path}/`
  const inside = entries.filter((entry) => entry.path === path || entry.path.startsWith(beginning))
  if (inside.length === 0) throw await noFolder({ spec, entries }, path)
  const files = inside.filter((entry) => !entry.path.slice(beginning.length).includes('/')).map(factsOf)
  const folders = foldersIn(inside, beginning)
  const size = sizeOf(inside)
  const leaves = [
    ...folders.map((each) => ({
      path: `${each.path.slice(beginning.length)}/`,
      note: `${countOf(each.fileCount, 'file')}, ${formatBytes(each.size)}`,
    })),
    ...files.map((file) => ({ path: lastNameOf(file.path), note: noteOf(file, formatBytes) })),
  ]
  const title = `${styled(terminal, 'bold', path === '' ? spec : `${spec} ${path}`)}  ${countOf(inside.length, 'file')}, ${formatBytes(size)}`
  const lines = () =>
    terminal.isRead
      ? [title, ...leaves.map((leaf) => `  ${leaf.path}  ${styled(terminal, 'dim', leaf.note)}`)]
      : [...folders.map((each) => `${each.path}/`), ...files.map((file) => file.path)]
  await printLong(terminal, flags, { value: { spec, folder: path, folders, files, size }, lines })
}

interface InnerFolder {
  path: string
  fileCount: number
  size: number
}

function foldersIn(entries: readonly Entry[], beginning: string): InnerFolder[] {
  const folders = new Map<string, InnerFolder>()
  for (const { path, size } of entries) {
    const end = path.indexOf('/', beginning.length)
    if (end === -1) continue
    const inner = path.slice(0, end)
    const known = folders.get(inner) ?? { path: inner, fileCount: 0, size: 0 }
    folders.set(inner, { path: inner, fileCount: known.fileCount + 1, size: known.size + size })
  }
  return [...folders.values()]
}

async function noFolder({ spec, entries }: Listed, path: string): Promise<Error> {
  const { TrackwayError } = await import('@trackway/sdk')
  const parents = entries.flatMap((entry) =>
    [...entry.path.matchAll(/\//g)].map(({ index }) => entry.path.slice(0, index)),
  )
  const all = [...new Set(parents)]
  const hint = hintOfNames(nearestPaths(path, all).map((near) => `${near}/`))
  const top = all.filter((each) => !each.includes('/')).slice(0, 10)
  const has =
    top.length === 0
      ? '; the version has no folders'
      : `; the version has ${top.map((each) => `${each}/`).join(', ')}`
  return new TrackwayError(
    'not_found',
    `Listing ${path}/ of ${spec}: there is no such folder${hint === undefined ? has : ''}`,
    { hint },
  )
}

function factsOf({ path, size, digest, executable, reference }: Entry) {
  return { path, size, digest, executable, ...(reference !== undefined && { reference }) }
}

function noteOf(
  { size, executable, reference }: Pick<Entry, 'size' | 'executable'> & { reference?: string },
  formatBytes: (bytes: number) => string,
): string {
  return [
    formatBytes(size),
    ...(executable ? ['executable'] : []),
    ...(reference === undefined ? [] : [`stored at ${reference}`]),
  ].join(', ')
}

function sizeOf(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}

function lastNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
