import type { Digest } from '@trackway/protocol'
import type { PlacedEntry } from '../content/placed-entry.ts'
import type { Staging } from '../platform/file-system.ts'
import type { Crew } from '../platform/tasks.ts'
import { runLimited } from './run-limited.ts'

/** What an earlier download left of these entries, once it was hashed. */
export interface Leftover {
  /** Paths of entries that are all there. */
  complete: Set<string>
  /** Of other entries, which are there in parts: the slices that are right. */
  parts: Map<string, Set<number>>
}

interface Context {
  staging: Staging
  crew: Crew
  signal?: AbortSignal | undefined
}

let checks = 0

/** Looks at what lies in the staging folder, keeps what is right, and removes the rest. Nothing there is trusted. */
export async function checkLeftover(context: Context, entries: readonly PlacedEntry[]): Promise<Leftover> {
  const { staging, crew, signal } = context
  const leftover: Leftover = { complete: new Set(), parts: new Map() }
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
      else leftover.parts.set(path, found)
    },
    { concurrency: 2 * crew.size, signal },
  )
  // A folder may stand where a file has to be.
  const missing = entries.filter(({ path }) => !leftover.complete.has(path) && !leftover.parts.has(path))
  for (const { path } of missing) await staging.remove(path)
  return leftover
}

/** Hashes a file as a whole and, in the same read, each blob that it is made of. What has another size is not read. */
async function checkFile(
  { staging, crew, signal }: Context,
  entry: PlacedEntry,
): Promise<'complete' | Set<number> | undefined> {
  const lane = crew.lane()
  const id = (checks += 1)
  const facts = await lane.run('beginDigest', { id, localPath: staging.localPath(entry.path) })
  if (facts === undefined) return undefined
  const fits = facts.size === entry.size && facts.executable === entry.executable
  const right = new Set<number>()
  let digest: Digest | undefined
  try {
    for (const [index, { blob, offset, length }] of fits ? entry.slices.entries() : []) {
      signal?.throwIfAborted()
      const own = offset === 0 && length === blob.size
      const slice = await lane.run('digestMore', { id, length, own })
      if (slice.digest === blob.digest) right.add(index)
    }
  } finally {
    digest = await lane.run('endDigest', { id })
  }
  if (!fits) return undefined
  if (digest === entry.digest) return 'complete'
  return entry.slices.length > 1 ? right : undefined
}
