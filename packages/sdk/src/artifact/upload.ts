import { formatSpec, type Digest } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import { openCrew } from '#platform'
import { noHashCache, openHashCache } from '../folder/hash-cache.ts'
import { bytesSource } from '../content/bytes-source.ts'
import type { ContentSource } from '../content/content-source.ts'
import type { LocatedEntry, Slice } from '../version/located-entry.ts'
import type { Scope } from '../client/scope.ts'
import { keepBaseRecipes } from '../upload/base-recipes.ts'
import { createBlobQueue, type NewBlob } from '../upload/blob-queue.ts'
import { createBlobRecipes } from '../upload/blob-recipes.ts'
import { blobSizesFor } from '../read/blob-sizes.ts'
import { packEntries, type Unpacked } from '../upload/pack-entries.ts'
import type { PackContext } from '../upload/pack-context.ts'
import { createMemoryBudget } from '../concurrency/memory-budget.ts'
import { createProgress, totalsOf } from '../calls/count-progress.ts'
import type { ProgressListener } from '../progress/progress.ts'
import { createLimit } from '../concurrency/run-limited.ts'
import { findMissing, sendBlobs, sendMissingBlobs, type SendContext } from '../upload/send-blobs.ts'
import { findBlobsToRepack, isBundled } from '../upload/blobs-to-repack.ts'
import { readBundled } from '../read/read-bundled.ts'
import { createStoredSources } from '../read/stored-source.ts'
import type { Artifact } from './artifact.ts'
import { factsOf, type DraftEntry } from './draft.ts'
import { isSameStore, type BlobScope, type StoredVersion } from '../version/version.ts'

export interface UploadContext {
  scope: Scope
  artifact: Artifact
  /** What is uploaded, sorted by path. */
  contents: readonly DraftEntry[]
  base: StoredVersion | undefined
  concurrency: number
  /** Whether the base's content is assumed to be stored; false if that turned out to be wrong. */
  reusesBase: boolean
  /** Whether files that are unchanged since they were last read can be skipped. */
  hashCache: boolean
  signal?: AbortSignal | undefined
  onProgress?: ProgressListener | undefined
  quiet: boolean
}

/**
 * How many bytes of content an upload buffers. The rest of its memory, such as the requests' own buffers,
 * takes at most as much again.
 */
const memoryBytes = 40 * 1024 * 1024

/** The part of an upload before the version is made: laying files into blobs, and sending the new ones. */
export interface Upload {
  context: UploadContext
  /** Runs the upload's work; when it returns or throws, nothing is left running. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Reads the files while blobs are being sent. */
  pack(): Promise<LocatedEntry[]>
  /** Repacks small files whose bundles make reading slow. */
  repackBundles(entries: readonly LocatedEntry[]): Promise<readonly LocatedEntry[]>
  /** Resolves when every blob is sent. */
  sendRest(): Promise<void>
  /**
   * Makes blobs that the server has lost again, and sends them. Throws `blobs_missing` if their files are not
   * at hand.
   */
  supply(digests: readonly Digest[]): Promise<void>
  /** Sends what the server has lost of the base, which may have been found damaged. */
  healBase(): Promise<void>
  sentBytes(): number
}

/** Prepares an upload. The signal of its context also ends it when one of its requests fails. */
export async function createUpload(given: UploadContext): Promise<Upload> {
  const stop = new AbortController()
  const signal = anySignal(given.signal, stop.signal)
  const context = { ...given, signal }
  const { scope, contents, base } = context
  const sizes = blobSizesFor(scope.connection.limits)
  const attempted = `Uploading ${formatSpec({ type: given.artifact.type, name: given.artifact.name })}`
  const watchers = { onProgress: given.onProgress, label: attempted, quiet: given.quiet }
  const totals = totalsOf(contents.map(factsOf))
  const progress = createProgress(watchers, { phase: 'read', ...totals })
  let sentBytes = 0
  let packed: LocatedEntry[] = []

  const limit = createLimit(context.concurrency)

  function newQueue(
    send: (context: SendContext, blobs: NewBlob[]) => Promise<number>,
    onSent: (amounts: { bytes: number; reusedBytes: number }) => void,
  ) {
    return createBlobQueue({
      sizes,
      concurrency: context.concurrency,
      async send(blobs) {
        const sent = await send({ scope, attempted, signal }, blobs)
        const bytes = blobs.reduce((sum, blob) => sum + blob.size, 0)
        sentBytes += sent
        onSent({ bytes, reusedBytes: bytes - sent })
      },
    })
  }

  const queue = newQueue(
    (sending, blobs) => sendMissingBlobs(sending, blobs, limit),
    (amounts) => progress.add(amounts),
  )
  const recipes = createBlobRecipes()
  const budget = createMemoryBudget(memoryBytes, { onShortage: queue.flush, signal })
  const hashCache = given.hashCache ? await openHashCache(foldersOf(contents)) : noHashCache
  const crew = await openCrew({ bytes: totals.totalBytes, files: totals.totalFiles })
  const pack: PackContext = {
    sizes,
    crew,
    reusesMemory: scope.connection.isRemote,
    budget,
    hashCache,
    ...knownContent(scope, given.reusesBase ? base : undefined),
    queue,
    recipes,
    findMissing: (digests) => findMissing({ scope, attempted, signal }, digests),
    progress,
    signal,
  }

  async function supply(digests: readonly Digest[]): Promise<void> {
    if (base !== undefined && digests.some((digest) => !recipes.has(digest)))
      keepBaseRecipes(recipes, digests, { entries: base.entries, sources: sourcesOf(contents, packed) })
    // The server has just said what it lacks, so it is not asked again. Its manifest is stored by then, so
    // these are sent through the server, which checks the sweep marker after storing them.
    const again = newQueue(sendBlobs, () => {}) // They count as done already.
    try {
      // What can be made is sent even if another blob cannot: it repairs the versions that use it.
      for (const digest of digests) if (recipes.has(digest)) await again.add(await recipes.make(digest))
      await again.drain()
      for (const digest of digests) if (!recipes.has(digest)) await recipes.make(digest)
    } catch (error) {
      await again.stop()
      throw error
    }
  }

  return {
    context,
    async run(work) {
      try {
        const result = await work()
        progress.end()
        return result
      } catch (error) {
        stop.abort(error)
        await queue.stop()
        throw error
      } finally {
        progress.close()
        crew.release()
        await hashCache.save()
      }
    },
    async pack() {
      packed = await packEntries(pack, contents.map(unpack(context)))
      return packed
    },
    repackBundles: (entries) => repackBundles({ scope, base, pack }, entries),
    async sendRest() {
      progress.enter('upload')
      await queue.drain()
      progress.enter('commit')
    },
    supply,
    async healBase() {
      if (base === undefined || !isSameStore(scope, base.scope)) return
      const used = new Set(base.entries.flatMap(({ slices }) => slices.map(({ blob }) => blob.digest)))
      await supply([...(await pack.findMissing([...used]))])
    },
    sentBytes: () => sentBytes,
  }
}

function foldersOf(contents: readonly DraftEntry[]): Set<string> {
  const folders = new Set<string>()
  for (const entry of contents)
    if (entry.kind === 'local' && entry.folder !== undefined) folders.add(entry.folder)
  return folders
}

/** Files that are at hand, by their digests. */
function sourcesOf(contents: readonly DraftEntry[], packed: readonly LocatedEntry[]) {
  const digests = new Map(packed.map(({ path, digest }) => [path, digest]))
  const sources = new Map<Digest, ContentSource>()
  for (const entry of contents) {
    const digest = entry.kind === 'local' ? digests.get(entry.path) : undefined
    if (entry.kind === 'local' && digest !== undefined) sources.set(digest, entry.source)
  }
  return sources
}

/** Files and blobs that the base has, if its blobs are in the scope. */
function knownContent(scope: BlobScope, base: StoredVersion | undefined) {
  const knownFiles = new Map<Digest, readonly Slice[]>()
  const knownBlobs = new Set<Digest>()
  for (const entry of base !== undefined && isSameStore(scope, base.scope) ? base.entries : []) {
    if (entry.reference !== undefined) continue
    knownFiles.set(entry.digest, entry.slices)
    for (const { blob } of entry.slices) knownBlobs.add(blob.digest)
  }
  return { knownFiles, knownBlobs, baseBlobs: new Set(knownBlobs) }
}

/**
 * Entries that are stored here keep their location; those of another store or team are read there and packed
 * again.
 */
function unpack({ scope, signal }: UploadContext): (entry: DraftEntry) => Unpacked {
  const sources = new Map<BlobScope, ReturnType<typeof createStoredSources>>()
  return (entry) => {
    if (entry.kind === 'local') return { file: entry, size: entry.size }
    if (entry.kind === 'reference') return { located: entry.located }
    const { located } = entry
    if (located.reference !== undefined || isSameStore(scope, entry.scope)) return { located }
    const sourceOf = sources.get(entry.scope) ?? createStoredSources(entry.scope, signal)
    sources.set(entry.scope, sourceOf)
    const { path, executable, size } = located
    return { file: { path, executable, source: sourceOf(located) }, size }
  }
}

interface Repacking {
  scope: BlobScope
  base: StoredVersion | undefined
  pack: PackContext
}

async function repackBundles({ scope, base, pack }: Repacking, entries: readonly LocatedEntry[]) {
  const { sizes, signal } = pack
  const stored = new Set((base?.entries ?? []).flatMap(({ slices }) => slices.map(({ blob }) => blob.digest)))
  const blobs = findBlobsToRepack(entries, { sizes, isStored: (digest) => stored.has(digest) })
  const affected = entries.filter(
    (entry) => isBundled(entry, sizes) && entry.slices.some(({ blob }) => blobs.has(blob.digest)),
  )
  if (affected.length === 0) return entries
  const contents = await readBundled(scope, affected, signal)
  const files = affected.map((entry) => ({
    file: { ...entry, source: bytesSource(contents.get(entry) ?? new Uint8Array(), entry.path) },
    size: entry.size,
  }))
  // What they are known by is where they must not stay.
  const knownFiles = new Map<Digest, readonly Slice[]>()
  const silent = createProgress({ label: '', quiet: true }, { phase: 'upload', totalFiles: 0, totalBytes: 0 })
  const repacked = await packEntries({ ...pack, knownFiles, progress: silent }, files)
  const byPath = new Map(repacked.map((entry) => [entry.path, entry]))
  return entries.map((entry) => byPath.get(entry.path) ?? entry)
}
