import { environment } from '#platform'
import { factsOf, type Draft, type DraftEntry } from './draft.ts'

const shown = 3

/** Says what somebody may not expect of an upload: files that hold secrets as a rule, and folders that stay out. */
export function tellWhatGoesIn({ emptyFolders }: Draft, contents: readonly DraftEntry[]): void {
  const secret = contents
    .filter(({ kind }) => kind === 'local')
    .map((entry) => factsOf(entry).path)
    .filter((path) => /(^|\/)\.env(\.[^/]*)?$/i.test(path))
  if (secret.length > 0) {
    const more = secret.length > shown ? ` and ${secret.length - shown} more` : ''
    environment.print(
      `Uploading ${secret.slice(0, shown).join(', ')}${more}, which may hold secrets that the whole team can then read; a .trackwayignore file leaves such files out`,
    )
  }
  const empty = emptyFolders?.size ?? 0
  if (empty > 0) {
    const folders = empty === 1 ? '1 empty folder is' : `${empty} empty folders are`
    environment.print(`${folders} left out: a version holds files alone`)
  }
}
