import { concatenateBytes, sha256, type Digest } from '@trackway/protocol'
import { gatherBytes } from '../content/byte-pieces.ts'
import { withContent } from '../content/content-source.ts'
import type { LocatedEntry, Slice } from '../version/located-entry.ts'
import type { SmallFiles } from '../platform/tasks.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { createBundle } from './bundle.ts'
import { createLease } from '../concurrency/memory-budget.ts'
import { countKnown, storeBlob, type Packable, type PackContext, type UploadFile } from './pack-context.ts'
import { runAhead } from '../concurrency/run-limited.ts'

/** The outcome for a file: its location, or undefined if it has grown too large for a bundle. */
export interface SmallResult {
  entry: UploadFile
  located: LocatedEntry | undefined
}

/**
 * Lays small files into bundles, in the given order. As many files as fill a bundle are read together; if all
 * of them are new, what was read is the bundle.
 */
export async function packSmall(
  context: PackContext,
  entries: readonly UploadFile[],
): Promise<SmallResult[]> {
  const { crew, sizes, signal } = context
  const layer = createLayer(context)
  const results: SmallResult[] = []
  const read = async (batch: readonly UploadFile[]) => ({ batch, ...(await readBatch(context, batch)) })
  for await (const { batch, content, held } of runAhead(
    batchesOf(entries, sizes.blob),
    read,
    crew.size + 1,
  )) {
    throwIfAborted(signal)
    const located = await layer.lay(batch, content, held)
    for (const [index, entry] of batch.entries()) results.push({ entry, located: located[index] })
  }
  await layer.end()
  return results
}

function* batchesOf(entries: readonly UploadFile[], bytes: number): Generator<UploadFile[]> {
  let batch: UploadFile[] = []
  let size = 0
  for (const entry of entries) {
    if (size + entry.size > bytes && batch.length > 0) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(entry)
    size += entry.size
  }
  if (batch.length > 0) yield batch
}

async function readBatch({ crew, budget, sizes }: PackContext, batch: readonly UploadFile[]) {
  const held = batch.reduce((sum, { size }) => sum + size, 0)
  await budget.take(held)
  const files = batch.flatMap(({ file: { source }, size }) =>
    source.localPath === undefined ? [] : [{ localPath: source.localPath, size }],
  )
  const content =
    files.length === batch.length
      ? await crew.run('readSmallFiles', { files, maximum: sizes.bundled })
      : await readHere(batch, sizes.bundled)
  return { content, held }
}

/** The same for other content: bytes, Blobs, entries of another store. */
async function readHere(batch: readonly UploadFile[], maximum: number): Promise<SmallFiles> {
  const contents = await Promise.all(batch.map(({ file }) => readWhole(file, maximum)))
  const bytes = concatenateBytes(contents.filter((content) => content !== undefined))
  const files = contents.map(
    (content) => content && { size: content.length, digest: sha256(content), identity: undefined },
  )
  return { bytes, digest: sha256(bytes), files }
}

function readWhole({ source }: Packable, maximum: number): Promise<Uint8Array | undefined> {
  return withContent(source, async (content) => {
    if (content.size > maximum) return undefined
    const whole = await gatherBytes(content.read(0, content.size))
    await content.checkUnchanged()
    return whole
  })
}

type ReadFile = NonNullable<SmallFiles['files'][number]>

/** A file of a batch, and its position in what was read. */
interface ReadEntry extends ReadFile {
  file: Packable
  offset: number
}

function createLayer(context: PackContext) {
  const { sizes, knownFiles, progress, budget, hashCache } = context
  let bundle = createBundle()

  async function end(): Promise<void> {
    if (bundle.size === 0) return
    const { blob, ingredients } = bundle.close()
    bundle = createBundle()
    if (!(await storeBlob(context, { ...blob, take: () => blob }, ingredients))) blob.release?.()
  }

  /** Puts a file into the open bundle, unless its content is known. */
  async function layOne(
    entry: ReadEntry,
    bytes: Uint8Array,
    share: () => () => void,
  ): Promise<readonly Slice[]> {
    const { file, digest, size, offset } = entry
    const known = size === 0 ? [] : knownFiles.get(digest)
    if (known !== undefined) {
      countKnown(context, { slices: known, size })
      return known
    }
    if (bundle.size + size > sizes.blob) await end()
    const slices: Slice[] = []
    bundle.add({
      bytes: bytes.subarray(offset, offset + size),
      source: file.source,
      slices,
      release: share(),
    })
    knownFiles.set(digest, slices)
    return slices
  }

  /** Uses everything that was read as a bundle. */
  async function layAll(
    entries: readonly ReadEntry[],
    { bytes, digest }: SmallFiles,
    share: () => () => void,
  ) {
    const blob = { digest, size: bytes.length }
    const slices = entries.map(({ offset, size }): readonly Slice[] =>
      size === 0 ? [] : [{ blob, offset, length: size }],
    )
    for (const [index, entry] of entries.entries()) knownFiles.set(entry.digest, slices[index] ?? [])
    const ingredients = entries.map(({ file, size }) => ({ source: file.source, start: 0, end: size }))
    await storeBlob(context, { ...blob, take: () => ({ bytes: [bytes], release: share() }) }, ingredients)
    return slices
  }

  function areNew(entries: readonly ReadEntry[]): boolean {
    const digests = new Set<Digest>()
    for (const { digest, size } of entries) {
      if (size > 0 && (knownFiles.has(digest) || digests.has(digest))) return false
      digests.add(digest)
    }
    return true
  }

  return {
    end,
    /** Gives every file of a batch its location. */
    async lay(batch: readonly UploadFile[], content: SmallFiles, held: number) {
      const lease = createLease(() => budget.give(held))
      const read = locate(batch, content)
      const present = read.filter((entry) => entry !== undefined)
      const fits = bundle.size === 0 && content.bytes.length > 0 && content.bytes.length <= sizes.blob
      const locations = new Map<ReadEntry, readonly Slice[]>()
      if (fits && areNew(present)) {
        const slices = await layAll(present, content, lease.share)
        for (const [index, entry] of present.entries()) locations.set(entry, slices[index] ?? [])
      } else {
        for (const entry of present) locations.set(entry, await layOne(entry, content.bytes, lease.share))
      }
      lease.end()
      return read.map((entry, index): LocatedEntry | undefined => {
        if (entry === undefined) return undefined
        const { file, size, digest, identity } = entry
        hashCache.remember(file, identity, { digest })
        // The upload has what was read, which may be longer than the file was when it was added.
        progress.add({ files: 1, totalBytes: size - (batch[index]?.size ?? size) })
        return {
          path: file.path,
          executable: file.executable,
          size,
          digest,
          slices: locations.get(entry) ?? [],
        }
      })
    },
  }
}

function locate(batch: readonly UploadFile[], { files }: SmallFiles): (ReadEntry | undefined)[] {
  let offset = 0
  return batch.map(({ file }, index) => {
    const read = files[index]
    if (read === undefined) return undefined
    const entry = { ...read, file, offset }
    offset += read.size
    return entry
  })
}
