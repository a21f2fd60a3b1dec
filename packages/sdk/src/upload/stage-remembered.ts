import { TrackwayError, type Digest, type ManifestBlob } from '@trackway/protocol'
import type { LocalEntry } from '../content/local-entry.ts'
import { findMissing } from './send-blobs.ts'
import type { Remembered } from './hash-cache.ts'
import type { Upload } from './upload.ts'

/**
 * If more than this share of a file's blobs is missing, the file is read as if nothing were known about it.
 */
const worthReading = 0.25

/**
 * Locates large files that did not change since they were cut, by asking which of their blobs the server has;
 * the few missing ones are read and sent. Returns the files that should be read as a whole.
 */
export async function stageRemembered(
  upload: Upload,
  files: ReadonlyMap<LocalEntry, Remembered>,
): Promise<LocalEntry[]> {
  const { knownBlobs, knownFiles, located, meter, hashCache } = upload
  const wanted = [...files.values()].flatMap(({ blobs = [] }) => blobs.map(({ digest }) => digest))
  const missing = await findMissing(
    upload,
    wanted.filter((digest) => !knownBlobs.has(digest)),
  )
  const unfit: LocalEntry[] = []
  for (const [entry, { digest, blobs = [] }] of files) {
    const lacking = new Set(blobs.map((blob) => blob.digest).filter((each) => missing.has(each)))
    const sent =
      lacking.size <= blobs.length * worthReading && (await sendSome(upload, entry, { blobs, lacking }))
    if (!sent) {
      if (lacking.size > 0) hashCache.forget(entry)
      unfit.push(entry)
      continue
    }
    const slices = blobs.map((blob) => ({ blob, offset: 0, length: blob.size }))
    for (const { blob } of slices) knownBlobs.add(blob.digest)
    knownFiles.set(digest, slices)
    const { path, executable, size } = entry
    located.set(entry, { path, executable, size, digest, slices })
    const lackingBytes = blobs.reduce((sum, blob) => sum + (lacking.has(blob.digest) ? blob.size : 0), 0)
    meter?.add({ files: 1, bytes: size - lackingBytes, reusedBytes: size - lackingBytes })
  }
  return unfit
}

/** Reads blobs of a file and queues them. Returns false if the file does not contain them any more. */
async function sendSome(
  { recipes, queue, knownBlobs, budget }: Upload,
  { source }: LocalEntry,
  { blobs, lacking }: { blobs: readonly ManifestBlob[]; lacking: ReadonlySet<Digest> },
): Promise<boolean> {
  let start = 0
  for (const { digest, size } of blobs) {
    recipes.keep(digest, [{ source, start, end: start + size }])
    start += size
  }
  try {
    for (const { digest, size } of blobs) {
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
