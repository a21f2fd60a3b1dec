import { dropEntry, putEntry, type Draft } from './draft.ts'
import { factsOf, type DraftEntry } from '../read/draft-entry.ts'
import type { StoredVersion } from '../version/version.ts'

/**
 * Turns an artifact into the version that was made of its entries, so that the next upload starts from there.
 * What was added or removed during the upload remains a change.
 */
export async function adoptVersion(
  draft: Draft,
  uploaded: readonly DraftEntry[],
  version: StoredVersion,
): Promise<void> {
  const before = new Map(uploaded.map((entry) => [factsOf(entry).path, entry]))
  const after = new Map(version.entries.map((located) => [located.path, located]))
  draft.modified = false
  for (const path of new Set([...before.keys(), ...after.keys(), ...draft.entries.keys()])) {
    const located = after.get(path)
    if (draft.entries.get(path) !== before.get(path)) draft.modified = true
    else if (located === undefined) dropEntry(draft, path)
    else putEntry(draft, path, { kind: 'stored', located, scope: version.scope, record: version.record })
  }
  draft.version = version
  draft.emptyFolders = undefined
  for (const entry of uploaded) if (entry.kind === 'local') await entry.source.release?.()
}
