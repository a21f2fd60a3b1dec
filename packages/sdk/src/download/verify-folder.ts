import { createSha256, TrackwayError, type Digest } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { readContent } from '../content/content-source.ts'
import type { FolderWalk, WalkedFile } from '../folder/walk-folder.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { runLimited } from '../concurrency/run-limited.ts'

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

/** What an entry is compared by. */
export interface ExpectedFile {
  path: string
  size: number
  digest: Digest
  executable: boolean
}

export interface VerifyContext {
  concurrency: number
  signal?: AbortSignal | undefined
  /** Called with each file that was compared. */
  onFile?(bytes: number): void
}

/** A file that may be an entry's; undefined if there is something else. */
type Candidate = Pick<WalkedFile, 'localPath' | 'size' | 'executable'> | undefined

/**
 * Compares the content of a folder with entries, by hashing the files whose size matches. Throws `file_error`
 * for those that cannot be read.
 */
export async function verifyFolder(
  walk: FolderWalk,
  expected: readonly ExpectedFile[],
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
  expected: readonly ExpectedFile[],
): Promise<void> {
  const unfound = !leftOut ? [] : expected.filter(({ path }) => !found.has(path))
  if (unfound.length === 0) return
  const top = (await fileSystem.realPath(root)) ?? root
  for (const { path } of unfound) {
    const localPath = path.split('/').reduce((folder, name) => fileSystem.join(folder, name), root)
    const realPath = await fileSystem.realPath(localPath)
    if (realPath === undefined || !fileSystem.isWithin(realPath, top)) continue
    const facts = await fileSystem.look(realPath)
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
  expected: ExpectedFile,
  { onFile, signal, tells }: VerifyContext & { tells: boolean },
): Promise<boolean> {
  onFile?.(expected.size)
  if (file === undefined || (file.size !== expected.size && file.size > pageBytes)) return false
  if (fileSystem.knowsExecutables && file.executable !== expected.executable) {
    if (expected.executable || tells) return false
  }
  const hash = createSha256()
  for await (const bytes of readContent(fileSystem.source(file.localPath))) {
    throwIfAborted(signal)
    hash.update(bytes)
  }
  return hash.digest() === expected.digest
}
