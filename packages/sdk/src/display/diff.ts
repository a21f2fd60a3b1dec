import type { Html } from './html.ts'
import { aside, colours, heading, list, mark, panel } from './panel.ts'
import { listText } from './text.ts'

export interface DiffFacts {
  /** What is compared: `dataset/sample:V1 → dataset/sample:V2`. */
  title: string
  /** How many there are of each kind. */
  counts: string
  changes: readonly Change[]
}

/** One entry that is not the same on both sides. */
export interface Change {
  mark: '+' | '-' | '~' | '>'
  path: string
  note: string
}

const markColours = { '+': colours.added, '-': colours.removed, '~': colours.changed, '>': colours.changed }

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
    (change) => [mark(change.mark, markColours[change.mark]), change.path, change.note],
  )
}
