import type { Digest } from '@trackway/protocol'
import type { LocalEntry } from '../content/local-entry.ts'
import type { DraftEntry } from '../read/draft-entry.ts'
import { createStoredSources } from '../read/stored-source.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import { isSameStore, type BlobScope } from '../version/version.ts'
import type { Remembered } from './hash-cache.ts'
import { countKnown } from './known-content.ts'
import type { Upload } from './upload.ts'

/** What an upload has to read. */
export interface Selected {
  /** All entries, in their order: those that have a location, and those that get one. */
  entries: readonly (LocatedEntry | LocalEntry)[]
  /** Files that go into bundles. */
  small: LocalEntry[]
  large: LocalEntry[]
  /** Large files whose blobs are known, but maybe not stored. */
  remembered: Map<LocalEntry, Remembered>
}

/**
 * Selects what has to be read. Entries that are stored here keep their location; those of another store or
 * team are read there.
 */
export function selectNew(upload: Upload, contents: readonly DraftEntry[]): Selected {
  const sources = new Map<BlobScope, ReturnType<typeof createStoredSources>>()

  function localOrLocated(entry: DraftEntry): LocatedEntry | LocalEntry {
    if (entry.kind === 'local') return entry
    const { located } = entry
    if (entry.kind === 'reference' || located.reference !== undefined) return located
    if (isSameStore(upload.scope, entry.scope)) return located
    const sourceOf = sources.get(entry.scope) ?? createStoredSources(entry.scope, upload.signal)
    sources.set(entry.scope, sourceOf)
    const { path, executable, size } = located
    return { kind: 'local', path, executable, size, source: sourceOf(located), origin: located }
  }

  return sortOut(upload, contents.map(localOrLocated))
}

/** Separates what has to be read from what has a location. */
export function sortOut(upload: Upload, entries: readonly (LocatedEntry | LocalEntry)[]): Selected {
  const { sizes, meter, hashCache } = upload
  const selected: Selected = { entries, small: [], large: [], remembered: new Map() }
  for (const entry of entries) {
    if (!('source' in entry)) {
      meter?.add({ files: 1, bytes: entry.size, reusedBytes: entry.size })
      continue
    }
    const content = hashCache.find(entry)
    const located = content && locateKnown(upload, entry, content.digest)
    if (located !== undefined) upload.located.set(entry, located)
    else if (entry.size <= sizes.bundled) selected.small.push(entry)
    else if (content?.blobs === undefined) selected.large.push(entry)
    else selected.remembered.set(entry, content)
  }
  return selected
}

/** The location of a file whose content is stored already. */
function locateKnown(
  upload: Upload,
  { path, executable, size }: LocalEntry,
  digest: Digest,
): LocatedEntry | undefined {
  const slices = size === 0 ? [] : upload.knownFiles.get(digest)
  if (slices === undefined) return undefined
  countKnown(upload, slices, size)
  upload.meter?.add({ files: 1 })
  return { path, executable, size, digest, slices }
}
