import { formatSpec } from '@trackway/protocol'
import { environment } from '#platform'
import type { Artifact } from './artifact.ts'
import { draftOf } from './draft.ts'
import type { DraftEntry } from '../read/draft-entry.ts'
import type { Base } from './find-base.ts'

const shown = 3

function isSecret(path: string): boolean {
  return /(^|[/\\])\.env(\.[^/\\]*)?$/i.test(path)
}

/**
 * Reports what may be unexpected about an upload: a new artifact whose name and type are those of an existing
 * one swapped, files that usually hold secrets, and folders that are left out.
 */
export function tellWhatGoesIn(
  artifact: Artifact,
  contents: readonly DraftEntry[],
  { swapped }: Pick<Base, 'swapped'>,
): void {
  const { type, name } = artifact
  if (swapped !== undefined) {
    environment.print(
      `Uploading ${formatSpec({ type, name })}, which is new, although there is ${swapped}; were its type and name swapped?`,
    )
  }
  const secret = contents.flatMap((entry) => {
    if (entry.kind !== 'local') return []
    // By another path it holds the same.
    return [entry.path, entry.source.localPath ?? ''].filter(isSecret).slice(0, 1)
  })
  if (secret.length > 0) {
    const more = secret.length > shown ? ` and ${secret.length - shown} more` : ''
    environment.print(
      `Uploading ${secret.slice(0, shown).join(', ')}${more}, which may contain secrets that the whole team can then read; a .trackwayignore file can exclude such files`,
    )
  }
  const empty = draftOf(artifact).emptyFolders?.size ?? 0
  if (empty > 0) {
    const folders = empty === 1 ? '1 empty folder is' : `${empty} empty folders are`
    environment.print(`${folders} left out: a version holds only files`)
  }
}
