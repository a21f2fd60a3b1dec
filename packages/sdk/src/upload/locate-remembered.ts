import { TrackwayError, type Digest } from '@trackway/protocol'
import type { LocatedEntry } from '../version/located-entry.ts'
import type { PackContext, RememberedFile } from './pack-context.ts'

/**
 * If more than this share of a file's blobs is missing, the file is read as if nothing were known about it.
 */
const worthReading = 0.25

/**
 * Places large files that did not change since they were cut, by asking which of their blobs the server has;
 * the few missing ones are read and sent. Returns the files that should be read as a whole.
 */
export async function locateRemembered(
  context: PackContext,
  files: readonly RememberedFile[],
  packed: (LocatedEntry | undefined)[],
): Promise<RememberedFile[]> {
  const { knownBlobs, knownFiles, progress, hashCache } = context
  const wanted = files.flatMap(({ content }) => content.blobs.map(({ digest }) => digest))
  const missing = await context.findMissing(wanted.filter((digest) => !knownBlobs.has(digest)))
  const unfit: RememberedFile[] = []
  for (const entry of files) {
    const { file, index, size, content } = entry
    const lacking = new Set(content.blobs.map(({ digest }) => digest).filter((digest) => missing.has(digest)))
    const sent =
      lacking.size <= content.blobs.length * worthReading && (await sendSome(context, entry, lacking))
    if (!sent) {
      if (lacking.size > 0) hashCache.forget(file)
      unfit.push(entry)
      continue
    }
    const slices = content.blobs.map((blob) => ({ blob, offset: 0, length: blob.size }))
    for (const { blob } of slices) knownBlobs.add(blob.digest)
    knownFiles.set(content.digest, slices)
    const { path, executable } = file
    packed[index] = { path, executable, size, digest: content.digest, slices }
    const lackingBytes = content.blobs.reduce(
      (sum, blob) => sum + (lacking.has(blob.digest) ? blob.size : 0),
      0,
    )
    progress.add({ files: 1, bytes: size - lackingBytes, reusedBytes: size - lackingBytes })
  }
  return unfit
}

/** Reads blobs of a file and queues them. Returns false if the file does not contain them any more. */
async function sendSome(context: PackContext, entry: RememberedFile, lacking: Set<Digest>): Promise<boolean> {
  const { recipes, queue, knownBlobs, budget } = context
  const { source } = entry.file
  let start = 0
  for (const { digest, size } of entry.content.blobs) {
    recipes.keep(digest, [{ source, start, end: start + size }])
    start += size
  }
  try {
    for (const { digest, size } of entry.content.blobs) {
      if (!lacking.has(digest) || knownBlobs.has(digest)) continue
      await budget.take(size)
      const blob = await recipes.make(digest)
      knownBlobs.add(digest)
      await queue.add({ ...blob, release: () => budget.give(size) })
    }
    return true
  } catch (error) {
    if (TrackwayError.hasCode(error, 'file_changed')) return false
    throw error
  }
}
