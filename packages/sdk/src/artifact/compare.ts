// Compares entries by their digests, and reads those that are not uploaded yet.
import { checksumLines, createSha256 } from '@trackway/protocol'
import { throwIfAborted } from '../concurrency/abort.ts'
import { runLimited } from '../concurrency/run-limited.ts'
import { readContent } from '../content/content-source.ts'
import type { DraftEntry, HashedEntry } from '../read/draft-entry.ts'
import { diffEntries, type Diff } from './diff.ts'

const readsAtOnce = 8

type Entries = readonly DraftEntry[]

/** How entries are compared; those that are not uploaded yet are read. */
export interface CompareOptions {
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * The changes from one list of entries to the other.
 *
 * @internal
 */
export async function diffOf(
  from: Entries,
  to: Entries,
  { title, signal }: CompareOptions & { title: string },
): Promise<Diff> {
  const [before, after] = await Promise.all([digestEntries(from, signal), digestEntries(to, signal)])
  return diffEntries(before, after, title)
}

/**
 * Text that `sha256sum -c` reads.
 *
 * @internal
 */
export async function checksumsOf(entries: Entries, { signal }: CompareOptions): Promise<string> {
  return [...checksumLines(await digestEntries(entries, signal))].join('')
}

/**
 * Entries with their digests; those that are not stored yet are read to hash them.
 *
 * @internal
 */
export function digestEntries(entries: Entries, signal?: AbortSignal): Promise<HashedEntry[]> {
  return runLimited(entries, (entry) => digestEntry(entry, signal), { concurrency: readsAtOnce, signal })
}

async function digestEntry(entry: DraftEntry, signal?: AbortSignal): Promise<HashedEntry> {
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
