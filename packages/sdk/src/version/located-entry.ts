import {
  comparePaths,
  createManifest,
  type Digest,
  type Manifest,
  type ManifestBlob,
  type ManifestEntry,
  type Part,
} from '@trackway/protocol'

/** A range of a blob. */
export interface Slice {
  blob: ManifestBlob
  /** Bytes into the blob. */
  offset: number
  /** Bytes. */
  length: number
}

/**
 * An entry, and where its bytes are. A manifest says the same with indexes, which are valid only in that
 * manifest.
 */
export interface LocatedEntry {
  path: string
  /** Bytes. */
  size: number
  digest: Digest
  executable: boolean
  /** In order. Empty for an empty file, for one in a bundle that is still open, and for a reference. */
  slices: readonly Slice[]
  /** The address at which the bytes stay, instead of slices. */
  reference?: string | undefined
}

/** The entries of a manifest, in its order. */
export function locateEntries({ blobs, entries }: Manifest): LocatedEntry[] {
  return entries.map(({ path, size, digest, executable, parts = [], reference }) => ({
    path,
    size,
    digest,
    executable: executable === true,
    slices: parts.flatMap(([index, offset, length]) => {
      const blob = blobs[index]
      return blob === undefined ? [] : [{ blob, offset, length }]
    }),
    reference,
  }))
}

/** The manifest of these entries, which may be in any order. */
export function manifestOf(entries: Iterable<LocatedEntry>): Manifest {
  const indexes = new Map<Digest, number>()
  const blobs: ManifestBlob[] = []
  const partOf = ({ blob, offset, length }: Slice): Part => {
    const index = indexes.get(blob.digest) ?? blobs.push(blob) - 1
    indexes.set(blob.digest, index)
    return [index, offset, length]
  }
  const sorted = [...entries].sort((a, b) => comparePaths(a.path, b.path))
  return createManifest(
    blobs,
    sorted.map((entry) => manifestEntry(entry, partOf)),
  )
}

function manifestEntry(entry: LocatedEntry, partOf: (slice: Slice) => Part): ManifestEntry {
  const { path, size, digest, executable, slices, reference } = entry
  return {
    path,
    size,
    digest,
    ...(reference === undefined ? { parts: slices.map(partOf) } : { reference }),
    ...(executable && { executable }),
  }
}
