import { createSha256 } from '@trackway/protocol'
import { readContent } from '../content/content-source.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { runLimited } from '../concurrency/run-limited.ts'
import type { DraftEntry } from './draft.ts'
import type { ExpectedFile } from '../download/verify-folder.ts'

const readsAtOnce = 8

/** Entries with their digests; those that are not stored yet are read to hash them. */
export function digestEntries(entries: readonly DraftEntry[], signal?: AbortSignal): Promise<ExpectedFile[]> {
  return runLimited(entries, (entry) => digestEntry(entry, signal), { concurrency: readsAtOnce, signal })
}

async function digestEntry(entry: DraftEntry, signal?: AbortSignal): Promise<ExpectedFile> {
  if (entry.kind !== 'local') return entry.located
  const hash = createSha256()
  let size = 0
  for await (const bytes of readContent(entry.source)) {
    throwIfAborted(signal)
    hash.update(bytes)
    size += bytes.length
  }
  return { path: entry.path, size, digest: hash.digest(), executable: entry.executable }
}
