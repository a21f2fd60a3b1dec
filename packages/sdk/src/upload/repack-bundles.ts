import { bytesSource } from '../content/bytes-source.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import { readBundled } from '../read/read-bundled.ts'
import type { LocatedEntry } from '../version/located-entry.ts'
import { findBlobsToRepack, isBundled } from './blobs-to-repack.ts'
import { stageEntries } from './stage-entries.ts'
import type { Upload } from './upload.ts'

/** Lays small files whose bundles make reading slow into new bundles. Returns all entries in their order. */
export async function repackBundles(
  upload: Upload,
  entries: readonly LocatedEntry[],
): Promise<readonly LocatedEntry[]> {
  const { scope, base, sizes, signal } = upload
  const stored = new Set((base?.entries ?? []).flatMap(({ slices }) => slices.map(({ blob }) => blob.digest)))
  const blobs = findBlobsToRepack(entries, { sizes, isStored: (digest) => stored.has(digest) })
  const affected = entries.filter(
    (entry) => isBundled(entry, sizes) && entry.slices.some(({ blob }) => blobs.has(blob.digest)),
  )
  if (affected.length === 0) return entries
  const contents = await readBundled(scope, affected, signal)
  const small = affected.map((entry): LocalEntry => {
    const { path, size, executable } = entry
    const source = bytesSource(contents.get(entry) ?? new Uint8Array(), path)
    return { kind: 'local', path, size, executable, source, origin: entry }
  })
  // What they are known by is where they must not stay, and they were counted before.
  const again = { ...upload, knownFiles: new Map(), located: new Map(), meter: undefined }
  const repacked = await stageEntries(again, { entries: small, small, large: [], remembered: new Map() })
  const byPath = new Map(repacked.map((entry) => [entry.path, entry]))
  return entries.map((entry) => byPath.get(entry.path) ?? entry)
}
