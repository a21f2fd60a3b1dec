import type { Digest } from '@trackway/protocol'
import { formatBytes } from '@trackway/protocol'
import type { Html } from './html.ts'
import { code, factTable, heading, list, panel } from './panel.ts'
import { listText, textOf } from './text.ts'
import { countOf, shortDigest } from './words.ts'

export interface EntryFacts {
  path: string
  size: number
  digest: Digest | undefined
  executable: boolean
}

export const entryDisplay = {
  html: ({ path, size, digest, executable }: EntryFacts): Html =>
    panel(
      heading('entry', path),
      factTable({
        size: formatBytes(size),
        digest: digest === undefined ? 'not uploaded yet' : code(digest),
        executable: executable ? 'yes' : undefined,
      }),
    ),
  text: (entry: EntryFacts): string => textOf(`entry ${entryCells(entry).join('  ')}`),
}

export const entriesDisplay = {
  html: (entries: readonly EntryFacts[]): Html => panel(heading('', totalOf(entries)), entryList(entries)),
  text: (entries: readonly EntryFacts[]): string => listText(totalOf(entries), entries, entryCells),
}

export function entryList(entries: readonly EntryFacts[]): Html {
  const columns = [
    { title: 'path' },
    { title: 'size', width: '7em', align: 'right' as const },
    { title: 'digest', width: '13em' },
  ]
  return list(columns, entries, (entry) => {
    const [path = '', size = '', digest = ''] = entryCells(entry)
    return [path, size, code(digest)]
  })
}

/** An entry in one line: its path, its size and the beginning of its digest. */
export function entryCells({ path, size, digest, executable }: EntryFacts): string[] {
  return [executable ? `${path} (executable)` : path, formatBytes(size), shortDigest(digest) ?? 'new']
}

export function totalOf(entries: readonly EntryFacts[]): string {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  return `${countOf(entries.length, 'file')}, ${formatBytes(bytes)}`
}
