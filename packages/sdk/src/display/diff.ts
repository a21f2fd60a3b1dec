import type { Html } from './html.ts'
import { aside, colors, heading, list, mark, panel } from './panel.ts'
import { listText } from './text.ts'

export interface DiffFacts {
  /** The compared versions: `dataset/sample:V1 → dataset/sample:V2`. */
  title: string
  /** The number of changes of each kind. */
  counts: string
  changes: readonly Change[]
}

/** One entry that differs between the sides. */
export interface Change {
  mark: '+' | '-' | '~' | '>'
  path: string
  note: string
}

const markColors = { '+': colors.added, '-': colors.removed, '~': colors.changed, '>': colors.changed }

export const diffDisplay = {
  html: ({ title, counts, changes }: DiffFacts): Html =>
    panel(heading('', title), aside(counts), ...(changes.length === 0 ? [] : [changeList(changes)])),
  text: ({ title, counts, changes }: DiffFacts): string =>
    listText(`${title}: ${counts}`, changes, (change) => [`${change.mark} ${change.path}`, change.note]),
}

function changeList(changes: readonly Change[]): Html {
  return list(
    [{ title: '', width: '1.5em' }, { title: 'path' }, { title: 'size', width: '14em' }],
    changes,
    (change) => [mark(change.mark, markColors[change.mark]), change.path, change.note],
  )
}
