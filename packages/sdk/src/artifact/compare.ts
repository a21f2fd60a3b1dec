// Compares entries by their digests, and reads those that are not uploaded yet.
import { checksumLines } from '@trackway/protocol'
import { fileSystem, showInNotebooks } from '#platform'
import { walkFolder, type FolderFilter } from '../folder/walk-folder.ts'
import { createProgress, totalsOf } from '../calls/count-progress.ts'
import { diffEntries, type Diff } from './diff.ts'
import type { DraftEntry } from './draft.ts'
import { digestEntries } from './entry-digests.ts'
import { defaultConcurrency, type LongCallOptions } from '../calls/long-call-options.ts'

import { verifyFolder, type Verification } from '../download/verify-folder.ts'

type Entries = readonly DraftEntry[]

/** How a folder is compared: what was left out when it was added is left out again. */
export interface VerifyOptions extends LongCallOptions, FolderFilter {}

/** How entries are compared; those that are not uploaded yet are read. */
export interface CompareOptions {
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** The changes from one list of entries to the other. */
export async function diffOf(
  from: Entries,
  to: Entries,
  { title, signal }: CompareOptions & { title: string },
): Promise<Diff> {
  const [before, after] = await Promise.all([digestEntries(from, signal), digestEntries(to, signal)])
  return diffEntries(before, after, title)
}

/** Text that `sha256sum -c` reads. */
export async function checksumsOf(entries: Entries, { signal }: CompareOptions): Promise<string> {
  return [...checksumLines(await digestEntries(entries, signal))].join('')
}

/** Compares a folder with entries, and shows progress. */
export async function verifyEntries(
  folder: string | URL,
  entries: Entries,
  options: VerifyOptions & { label: string },
): Promise<Verification> {
  const { signal, concurrency = defaultConcurrency, onProgress, quiet = false, label } = options
  const { ignore, gitignore } = options
  const expected = await digestEntries(entries, signal)
  const progress = createProgress(
    { onProgress, label: `Verifying ${label}`, quiet },
    { phase: 'verify', ...totalsOf(expected) },
  )
  try {
    const absolute = fileSystem.absolute(folder)
    const walk = await walkFolder(absolute, { ignore, gitignore, signal })
    const verification = await verifyFolder(walk, expected, {
      concurrency,
      signal,
      onFile: (bytes) => progress.add({ files: 1, bytes }),
    })
    progress.end()
    return showInNotebooks('verification', verification, () => ({
      label,
      folder: absolute,
      ...verification,
    }))
  } finally {
    progress.close()
  }
}
