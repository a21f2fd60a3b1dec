import { createSha256, type Digest } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { readContent } from '../content/content-source.ts'
import { runLimited } from '../transfer/run-limited.ts'

/** How a folder differs from a version. All lists are sorted paths. */
export interface Verification {
  /** Whether the folder holds exactly the version. */
  ok: boolean
  /** Entries that are not there. */
  missing: string[]
  /** Entries whose file has other bytes, is no file, or may not be run although it should. */
  changed: string[]
  /** Files that are no entries. */
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
  /** Is told of each file that was compared. */
  onFile?(bytes: number): void
}

/** Compares a folder with entries, by hashing the files whose size fits. */
export async function verifyFolder(
  folder: string,
  expected: readonly ExpectedFile[],
  context: VerifyContext,
): Promise<Verification> {
  const found = await listFiles(folder)
  const present = expected.filter(({ path }) => found.has(path))
  const same = await runLimited(present, (entry) => compare(found.get(entry.path), entry, context), context)
  const missing = expected.filter(({ path }) => !found.has(path)).map(({ path }) => path)
  const changed = present.filter((_, index) => !same[index]).map(({ path }) => path)
  for (const { path } of expected) found.delete(path)
  const extra = [...found.keys()].sort()
  return { ok: missing.length + changed.length + extra.length === 0, missing, changed, extra }
}

/** All that lies in a folder but folders: its path as an entry's, and where it lies, unless it is no regular file. */
async function listFiles(top: string): Promise<Map<string, string | undefined>> {
  const found = new Map<string, string | undefined>()
  const folders = [{ path: '', localPath: top }]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { name, kind } of await fileSystem.list(folder.localPath)) {
      const path = (folder.path + name).normalize('NFC')
      const localPath = fileSystem.join(folder.localPath, name)
      if (kind === 'folder') folders.push({ path: `${path}/`, localPath })
      else found.set(path, kind === 'file' ? localPath : undefined)
    }
  }
  return found
}

async function compare(
  localPath: string | undefined,
  expected: ExpectedFile,
  context: VerifyContext,
): Promise<boolean> {
  const facts = localPath === undefined ? undefined : await fileSystem.look(localPath)
  context.onFile?.(expected.size)
  if (localPath === undefined || facts?.size !== expected.size) return false
  // Some file systems let everything be run, so only the lack of it tells anything.
  if (expected.executable && !facts.executable && fileSystem.knowsExecutables) return false
  const hash = createSha256()
  for await (const bytes of readContent(fileSystem.source(localPath))) hash.update(bytes)
  return hash.digest() === expected.digest
}
