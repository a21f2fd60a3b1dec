import type { Digest } from '@trackway/protocol'
import { openCrew } from '#platform'
import { totalOf, type Meter } from '../calls/meter.ts'
import type { Scope } from '../client/scope.ts'
import { anySignal } from '../concurrency/any-signal.ts'
import { createMemoryBudget, type MemoryBudget } from '../concurrency/memory-budget.ts'
import { createLimit } from '../concurrency/run-limited.ts'
import { blobSizesFor, type BlobSizes } from '../read/blob-sizes.ts'
import { factsOf, type DraftEntry } from '../read/draft-entry.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import type { Crew } from '../tasks/tasks.ts'
import type { LocatedEntry, Slice } from '../version/located-entry.ts'
import { isSameStore, type StoredVersion } from '../version/version.ts'
import { createBlobQueue, type BlobQueue } from './blob-queue.ts'
import { createBlobRecipes, type BlobRecipes } from './blob-recipes.ts'
import { noHashCache, openHashCache, type HashCache } from './hash-cache.ts'
import { sendMissingBlobs } from './send-blobs.ts'

/** What is uploaded, and where. */
interface Given {
  scope: Scope
  /** Names the upload, as the beginning of messages. */
  attempted: string
  /** Sorted by path. */
  contents: readonly DraftEntry[]
  base: StoredVersion | undefined
  /** Whether the base's content is assumed to be stored; false if that turned out to be wrong. */
  reusesBase: boolean
  /** Whether files that are unchanged since they were last read can be skipped. */
  hashCache: boolean
  /** Concurrent requests. */
  concurrency: number
  signal?: AbortSignal | undefined
  meter: Meter
}

/** An upload in progress: what its steps (select, stage, send, commit) share. */
export interface Upload extends Omit<Given, 'hashCache' | 'meter'> {
  sizes: BlobSizes
  crew: Crew
  budget: MemoryBudget
  hashCache: HashCache
  /** The location of content that is stored or staged already, by the digest of the file. Grows. */
  knownFiles: Map<Digest, readonly Slice[]>
  /** Blobs that are stored or being sent. Grows. */
  knownBlobs: Set<Digest>
  /** Blobs that the base has. Any other known blob occurs more than once in the upload. */
  baseBlobs: ReadonlySet<Digest>
  queue: BlobQueue
  recipes: BlobRecipes
  /** Undefined for what was counted before. */
  meter: Meter | undefined
  /** The location of local entries. Grows. */
  located: Map<LocalEntry, LocatedEntry>
  sent: { bytes: number }
  signal: AbortSignal
}

/**
 * How many bytes of content an upload buffers. The rest of its memory, such as the requests' own buffers,
 * takes at most as much again.
 */
const memoryBytes = 40 * 1024 * 1024

/** Runs an upload's work. When it returns or throws, nothing is left running. */
export async function withUpload<Result>(
  given: Given,
  work: (upload: Upload) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const { scope, contents, base, concurrency, meter } = given
  const signal = anySignal(given.signal, stop.signal)
  const sizes = blobSizesFor(scope.connection.limits)
  const limit = createLimit(concurrency)
  const queue = createBlobQueue({
    sizes,
    concurrency,
    async send(blobs) {
      const sent = await sendMissingBlobs(upload, blobs, limit)
      const bytes = blobs.reduce((sum, blob) => sum + blob.size, 0)
      upload.sent.bytes += sent
      meter.add({ bytes, reusedBytes: bytes - sent })
    },
  })
  const upload: Upload = {
    ...given,
    sizes,
    queue,
    recipes: createBlobRecipes(),
    budget: createMemoryBudget(memoryBytes, { onShortage: queue.flush, signal }),
    hashCache: given.hashCache ? await openHashCache(foldersOf(contents)) : noHashCache,
    crew: await openCrew(totalOf(contents.map(factsOf))),
    ...knownContent(scope, given.reusesBase ? base : undefined),
    located: new Map(),
    sent: { bytes: 0 },
    signal,
  }
  try {
    return await work(upload)
  } catch (error) {
    stop.abort(error)
    await queue.stop()
    throw error
  } finally {
    upload.crew.release()
    await upload.hashCache.save()
  }
}

function foldersOf(contents: readonly DraftEntry[]): Set<string> {
  const folders = new Set<string>()
  for (const entry of contents)
    if (entry.kind === 'local' && entry.folder !== undefined) folders.add(entry.folder)
  return folders
}

/** Files and blobs that the base has, if its blobs are in the scope. */
function knownContent(scope: Scope, base: StoredVersion | undefined) {
  const knownFiles = new Map<Digest, readonly Slice[]>()
  const knownBlobs = new Set<Digest>()
  for (const entry of base !== undefined && isSameStore(scope, base.scope) ? base.entries : []) {
    if (entry.reference !== undefined) continue
    knownFiles.set(entry.digest, entry.slices)
    for (const { blob } of entry.slices) knownBlobs.add(blob.digest)
  }
  return { knownFiles, knownBlobs, baseBlobs: new Set(knownBlobs) }
}

/** Sends the rest; resolves when every blob is sent. */
export async function sendRest({ queue, meter }: Upload): Promise<void> {
  meter?.enter('upload')
  await queue.drain()
  meter?.enter('commit')
}
