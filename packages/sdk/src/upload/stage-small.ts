import { concatenateBytes, sha256, type Digest } from '@trackway/protocol'
import { throwIfAborted } from '../concurrency/abort.ts'
import { createLease } from '../concurrency/memory-budget.ts'
import { runAhead } from '../concurrency/run-limited.ts'
import { gatherBytes } from '../content/byte-pieces.ts'
import { withContent } from '../content/content-source.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import type { SmallFiles } from '../tasks/tasks.ts'
import type { Slice } from '../version/located-entry.ts'
import { createBundle } from './bundle.ts'
import { claimBlob, countKnown } from './known-content.ts'
import type { Upload } from './upload.ts'

/**
 * Lays small files into bundles, in the given order. As many files as fill a bundle are read together; if all
 * of them are new, what was read is the bundle. Returns those that have grown too large for a bundle.
 */
export async function stageSmall(upload: Upload, entries: readonly LocalEntry[]): Promise<LocalEntry[]> {
  const { crew, sizes, signal } = upload
  const layer = createLayer(upload)
  const grown: LocalEntry[] = []
  const read = async (batch: readonly LocalEntry[]) => ({ batch, ...(await readBatch(upload, batch)) })
  for await (const { batch, content, held } of runAhead(
    batchesOf(entries, sizes.blob),
    read,
    crew.size + 1,
  )) {
    throwIfAborted(signal)
    await layer.lay(batch, content, held)
    for (const [index, entry] of batch.entries()) if (content.files[index] === undefined) grown.push(entry)
  }
  await layer.end()
  return grown
}

function* batchesOf(entries: readonly LocalEntry[], bytes: number): Generator<LocalEntry[]> {
  let batch: LocalEntry[] = []
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

async function readBatch({ crew, budget, sizes }: Upload, batch: readonly LocalEntry[]) {
  const held = batch.reduce((sum, { size }) => sum + size, 0)
  await budget.take(held)
  const files = batch.flatMap(({ source: { localPath }, size }) =>
    localPath === undefined ? [] : [{ localPath, size }],
  )
  const content =
    files.length === batch.length
      ? await crew.run('readSmallFiles', { files, maximum: sizes.bundled })
      : await readHere(batch, sizes.bundled)
  return { content, held }
}

/** The same for other content: bytes, Blobs, entries of another store. */
async function readHere(batch: readonly LocalEntry[], maximum: number): Promise<SmallFiles> {
  const contents = await Promise.all(batch.map((entry) => readWhole(entry, maximum)))
  const bytes = concatenateBytes(contents.filter((content) => content !== undefined))
  let end = 0
  const files = contents.map((content) => {
    if (content === undefined) return undefined
    const size = content.length
    end += size
    return { offset: end - size, size, digest: sha256(content), identity: undefined }
  })
  return { bytes, digest: sha256(bytes), files }
}

function readWhole({ source }: LocalEntry, maximum: number): Promise<Uint8Array | undefined> {
  return withContent(source, async (content) => {
    if (content.size > maximum) return undefined
    const whole = await gatherBytes(content.read(0, content.size))
    await content.checkUnchanged()
    return whole
  })
}

function createLayer(upload: Upload) {
  const { sizes, knownFiles, located, meter, budget, queue, hashCache } = upload
  let bundle = createBundle()

  async function end(): Promise<void> {
    if (bundle.size === 0) return
    const { blob, ingredients } = bundle.close()
    bundle = createBundle()
    if (claimBlob(upload, blob, ingredients)) await queue.add(blob)
    else blob.release?.()
  }

  /** Puts a file into the open bundle, unless its content is known. */
  async function layOne(
    { source }: LocalEntry,
    bytes: Uint8Array,
    { digest, share }: { digest: Digest; share: () => () => void },
  ): Promise<readonly Slice[]> {
    const known = bytes.length === 0 ? [] : knownFiles.get(digest)
    if (known !== undefined) {
      countKnown(upload, known, bytes.length)
      return known
    }
    if (bundle.size + bytes.length > sizes.blob) await end()
    return bundle.add(bytes, source, share())
  }

  /** Whether everything that was read can be a bundle: it fits into one, and no file in it is known. */
  function isBundle({ bytes, files }: SmallFiles): boolean {
    if (bundle.size > 0 || bytes.length === 0 || bytes.length > sizes.blob) return false
    const digests = new Set<Digest>()
    for (const { digest, size } of files.filter((file) => file !== undefined)) {
      if (size > 0 && (knownFiles.has(digest) || digests.has(digest))) return false
      digests.add(digest)
    }
    return true
  }

  /** Queues everything that was read as a bundle. */
  async function queueWhole(
    batch: readonly LocalEntry[],
    { bytes, digest, files }: SmallFiles,
    share: () => () => void,
  ): Promise<void> {
    const blob = { digest, size: bytes.length }
    const ingredients = batch.flatMap(({ source }, index) => {
      const size = files[index]?.size
      return size === undefined ? [] : [{ source, start: 0, end: size }]
    })
    if (claimBlob(upload, blob, ingredients)) await queue.add({ ...blob, bytes: [bytes], release: share() })
  }

  return {
    end,
    /** Gives every file of a batch its location. */
    async lay(batch: readonly LocalEntry[], content: SmallFiles, held: number): Promise<void> {
      const { share, end: endLease } = createLease(() => budget.give(held))
      const blob = isBundle(content) ? { digest: content.digest, size: content.bytes.length } : undefined
      if (blob !== undefined) await queueWhole(batch, content, share)
      for (const [index, entry] of batch.entries()) {
        const file = content.files[index]
        if (file === undefined) continue
        const { offset, size, digest, identity } = file
        const slices =
          blob === undefined
            ? await layOne(entry, content.bytes.subarray(offset, offset + size), { digest, share })
            : sliceOf(blob, file)
        knownFiles.set(digest, slices)
        hashCache.remember(entry, identity, { digest })
        const { path, executable } = entry
        located.set(entry, { path, executable, size, digest, slices })
        // The upload has what was read, which may be longer than the file was when it was added.
        meter?.resize(entry.size, size)
        meter?.add({ files: 1 })
      }
      endLease()
    },
  }
}

/** Where a file is in the blob that it was read into. */
function sliceOf(blob: Slice['blob'], { offset, size }: { offset: number; size: number }): readonly Slice[] {
  return size === 0 ? [] : [{ blob, offset, length: size }]
}
