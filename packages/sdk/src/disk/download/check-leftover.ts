import type { Digest } from '@trackway/protocol'
import type { LocatedEntry } from '../../version/located-entry.ts'
import { throwIfAborted } from '../../concurrency/abort.ts'
import type { Filling } from './filling.ts'
import { hashFile, type FileHash } from './file-hash.ts'
import { isReference } from '../../read/read-reference.ts'
import { runLimited } from '../../concurrency/run-limited.ts'

/** What an earlier download left of these entries, after hashing it. */
export interface Leftover {
  /** Paths of entries that are complete. */
  complete: Set<string>
  /** Of other entries, which are partially present: the slices that are right. */
  parts: Map<string, Set<number>>
  /**
   * Of references: paths of files whose beginning seems to be present. Only the whole file can be checked.
   */
  begun: Set<string>
}

type Context = Pick<Filling, 'staging' | 'crew' | 'signal'>

/**
 * Checks the content of the staging folder, keeps what is right, and removes the rest. Nothing in it is
 * trusted.
 */
export async function checkLeftover(context: Context, entries: readonly LocatedEntry[]): Promise<Leftover> {
  const { staging, crew, signal } = context
  const leftover: Leftover = { complete: new Set(), parts: new Map(), begun: new Set() }
  const paths = await staging.leftover()
  if (paths.length === 0) return leftover
  const wanted = new Map(entries.map((entry) => [entry.path, entry]))
  await runLimited(
    paths,
    async (path) => {
      const entry = wanted.get(path)
      const found = entry && (await checkFile(context, entry))
      if (entry === undefined || found === undefined) await staging.remove(path)
      else if (found === 'complete') leftover.complete.add(path)
      else if (found === 'begun') leftover.begun.add(path)
      else leftover.parts.set(path, found)
    },
    { concurrency: 2 * crew.size, signal },
  )
  // There may be a folder in the place of a file.
  const { complete, parts, begun } = leftover
  const missing = entries.filter(({ path }) => !complete.has(path) && !parts.has(path) && !begun.has(path))
  for (const { path } of missing) await staging.remove(path)
  return leftover
}

/** Hashes a whole file and, in the same pass, each of its blobs. A file with a different size is not read. */
async function checkFile(
  { staging, crew, signal }: Context,
  entry: LocatedEntry,
): Promise<'complete' | 'begun' | Set<number> | undefined> {
  const hash = hashFile(crew, staging.localPath(entry.path))
  const facts = await hash.begin()
  if (facts === undefined) return undefined
  const isBegun = isReference(entry) && facts.size < entry.size
  const fits = facts.executable === entry.executable && (isBegun || facts.size === entry.size)
  const right = new Set<number>()
  let digest: Digest | undefined
  try {
    for (const [index, { blob, offset, length }] of fits ? entry.slices.entries() : []) {
      signal?.throwIfAborted()
      const own = offset === 0 && length === blob.size
      const slice = await hash.more(length, own)
      if (slice.digest === blob.digest) right.add(index)
    }
    if (fits && !isBegun && isReference(entry)) await hashWhole(hash, entry.size, signal)
  } finally {
    digest = await hash.end()
  }
  if (!fits) return undefined
  if (isBegun) return 'begun'
  if (digest === entry.digest) return 'complete'
  return entry.slices.length > 1 ? right : undefined
}

const pieceBytes = 16 * 1024 * 1024

/** Hashes the next bytes of a file in pieces, between which it can be canceled. */
export async function hashWhole(hash: FileHash, length: number, signal?: AbortSignal): Promise<void> {
  for (let done = 0; done < length; done += pieceBytes) {
    throwIfAborted(signal)
    await hash.more(Math.min(pieceBytes, length - done))
  }
}
