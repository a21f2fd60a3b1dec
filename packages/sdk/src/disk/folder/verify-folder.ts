import { join } from 'node:path'
import { createSha256, TrackwayError } from '@trackway/protocol'
import { readContent } from '../../content/content-source.ts'
import { walkFolder, type FolderFilter, type FolderWalk, type WalkedFile } from './walk-folder.ts'
import { throwIfAborted } from '../../concurrency/abort.ts'
import { runLimited } from '../../concurrency/run-limited.ts'
import { fileSource } from '../files/file-source.ts'
import { absolute, isWithin, knowsExecutables, look, realPathOf } from '../files/files.ts'
import { showInNotebooks } from '#platform'
import { totalOf, withMeter, type Meter } from '../../calls/meter.ts'
import { defaultConcurrency, type LongCallOptions } from '../../calls/long-call-options.ts'
import type { HashedEntry } from '../../read/draft-entry.ts'

/** How a folder differs from a version. All lists contain sorted paths. */
export interface Verification {
  /** Whether the folder holds exactly the version. */
  ok: boolean
  /** Entries without a file. */
  missing: string[]
  /**
   * Entries whose file has different bytes, is not a regular file, or is not executable although it should
   * be.
   */
  changed: string[]
  /** Files that are not entries. */
  extra: string[]
}

/** @internal */
export interface VerifyContext {
  concurrency: number
  signal?: AbortSignal | undefined
  meter?: Meter
}

/** A file that may be an entry's; undefined if there is something else. */
type Candidate = Pick<WalkedFile, 'localPath' | 'size' | 'executable'> | undefined

/** How a folder is compared: what was left out when it was added is left out again. */
export interface VerifyOptions extends LongCallOptions, FolderFilter {}

/**
 * Compares a folder with entries, and shows progress.
 *
 * @internal
 */
export async function verifyFolder(
  folder: string | URL,
  expected: readonly HashedEntry[],
  options: VerifyOptions & { label: string },
): Promise<Verification> {
  const { signal, concurrency = defaultConcurrency, ignore, gitignore, label } = options
  const metered = {
    ...options,
    label: `Verifying ${label}`,
    phase: 'verify',
    total: totalOf(expected),
  } as const
  const root = absolute(folder)
  const verification = await withMeter(metered, async (meter) => {
    const walk = await walkFolder(root, { ignore, gitignore, signal })
    return compareFolder(walk, expected, { concurrency, signal, meter })
  })
  showInNotebooks?.('verification', verification, () => ({ label, folder: root, ...verification }))
  return verification
}

/**
 * Compares the content of a folder with entries, by hashing the files whose size matches. Throws `file_error`
 * for those that cannot be read.
 *
 * @internal
 */
export async function compareFolder(
  walk: FolderWalk,
  expected: readonly HashedEntry[],
  context: VerifyContext,
): Promise<Verification> {
  const found = new Map<string, Candidate>(walk.files.map((file) => [file.path, file]))
  for (const { path } of walk.refusals) found.set(path, undefined)
  await findLeftOut(walk, found, expected)
  const present = expected.filter(({ path }) => found.has(path))
  const unreadable: TrackwayError[] = []
  const tells = tellsExecutables(walk)
  const same = await runLimited(
    present,
    async (entry) => {
      try {
        return await compare(found.get(entry.path), entry, { ...context, tells })
      } catch (error) {
        if (!TrackwayError.hasCode(error, 'file_error', 'file_changed', 'file_not_found')) throw error
        unreadable.push(error)
        return false
      }
    },
    context,
  )
  if (unreadable.length > 0) throw unreadableFiles(walk.root, unreadable)
  const missing = expected.filter(({ path }) => !found.has(path)).map(({ path }) => path)
  const changed = present.filter((_, index) => !same[index]).map(({ path }) => path)
  for (const { path } of expected) found.delete(path)
  const extra = [...found.keys()].sort()
  return { ok: missing.length + changed.length + extra.length === 0, missing, changed, extra }
}

const shown = 10

function unreadableFiles(root: string, errors: readonly TrackwayError[]): TrackwayError {
  const [first] = errors
  if (first !== undefined && errors.length === 1) return first
  const lines = errors.slice(0, shown).map(({ message }) => `\n  ${message}`)
  const more = errors.length > shown ? `\n  and ${errors.length - shown} more` : ''
  return new TrackwayError(
    'file_error',
    `Comparing the folder ${root}: ${errors.length} files cannot be read:${lines.join('')}${more}`,
    { details: { unreadable: errors.map(({ code, message, details }) => ({ code, message, ...details })) } },
  )
}

/**
 * Finds entries that ignore rules exclude: the rules say what is not extra, but do not make entries missing.
 */
async function findLeftOut(
  { root, leftOut }: FolderWalk,
  found: Map<string, Candidate>,
  expected: readonly HashedEntry[],
): Promise<void> {
  const unfound = !leftOut ? [] : expected.filter(({ path }) => !found.has(path))
  if (unfound.length === 0) return
  const top = (await realPathOf(root)) ?? root
  for (const { path } of unfound) {
    const localPath = path.split('/').reduce((folder, name) => join(folder, name), root)
    const realPath = await realPathOf(localPath)
    if (realPath === undefined || !isWithin(realPath, top)) continue
    const facts = await look(realPath)
    if (facts?.kind === 'file') found.set(path, { ...facts, localPath })
  }
}

/**
 * Whether the executable bit is meaningful: on some file systems every file is executable, so only a missing
 * bit says something. An existing folder may be on such a file system.
 */
function tellsExecutables({ files, asIs }: FolderWalk): boolean {
  return !asIs && (files.length === 1 || files.some(({ executable }) => !executable))
}

/**
 * Up to this many bytes, the reported size of a file is not trusted: files of /proc report none, those of
 * /sys a page.
 */
const pageBytes = 4096

async function compare(
  file: Candidate,
  expected: HashedEntry,
  { meter, signal, tells }: VerifyContext & { tells: boolean },
): Promise<boolean> {
  meter?.add({ files: 1, bytes: expected.size })
  if (file === undefined || (file.size !== expected.size && file.size > pageBytes)) return false
  if (knowsExecutables && file.executable !== expected.executable) {
    if (expected.executable || tells) return false
  }
  const hash = createSha256()
  for await (const bytes of readContent(fileSource(file.localPath))) {
    throwIfAborted(signal)
    hash.update(bytes)
  }
  return hash.digest() === expected.digest
}
