import {
  checksumLines,
  createManifestParser,
  createSha256,
  TrackwayError,
  type Digest,
  type Limits,
  type Manifest,
  type ManifestEntry,
} from '@trackway/protocol'
import type { ByteStream } from '../stores/object-store.ts'
import { blobBytes, createBlobTable, type BlobList } from './blob-table.ts'
import { slicesOf, takeTurn } from './pauses.ts'

/** What is kept of a manifest without its entries. */
export interface ManifestSummary extends Pick<Manifest, 'header'> {
  blobs: BlobList
  /** The version digest. */
  digest: Digest
  /**
   * A digest of what the version digest leaves out: which entries are executable, and which are references.
   */
  traits: Digest
  /** The number of references, and the first of them. */
  references: { count: number; first: { path: string; reference: string }[] }
}

const encoder = new TextEncoder()
const mostNamed = 10
const batchCharacters = 64 * 1024

/**
 * Passes a manifest's bytes on while checking them. If they are invalid, they end with an error, so that
 * nothing is stored.
 */
export function readChecked(
  body: ByteStream,
  digest: Digest,
  { limits, visit }: { limits: Limits; visit?: ((entry: ManifestEntry) => void) | undefined },
) {
  const entries = summarizeEntries()
  const take = (entry: ManifestEntry) => {
    entries.add(entry)
    visit?.(entry)
  }
  const blobs = createBlobTable()
  const parser = createManifestParser(limits, take, visit !== undefined, blobs)
  const hash = createSha256()
  let summary: ManifestSummary | undefined

  async function* checked(): ByteStream {
    for await (const piece of body) {
      for (const slice of slicesOf(piece)) {
        hash.update(slice)
        parser.write(slice)
        await takeTurn(slice.length)
      }
      yield piece
    }
    const { header } = parser.end()
    const actual = hash.digest()
    if (actual !== digest) {
      throw new TrackwayError(
        'digest_mismatch',
        `The manifest's bytes have the digest ${actual}, not ${digest}`,
        { details: { expected: digest, actual } },
      )
    }
    summary = { header, blobs, ...entries.end() }
  }

  return {
    bytes: checked(),
    summary(): ManifestSummary {
      if (summary !== undefined) return summary
      throw new TrackwayError('internal_error', 'The manifest was asked for before all of it was read')
    },
  }
}

/** Reads entries one after another, and keeps none. */
function summarizeEntries() {
  const lines = hashText()
  const traits = hashText()
  const references: ManifestSummary['references'] = { count: 0, first: [] }
  return {
    add(entry: ManifestEntry): void {
      for (const line of checksumLines([entry])) lines.add(line)
      const { path, reference, executable = false } = entry
      traits.add(`${executable} ${JSON.stringify(reference ?? null)}\n`)
      if (reference === undefined) return
      references.count += 1
      if (references.first.length < mostNamed) references.first.push({ path, reference })
    },
    end: () => ({ digest: lines.end(), traits: traits.end(), references }),
  }
}

/** The digest of a text that arrives in small pieces. */
function hashText() {
  const hash = createSha256()
  let text = ''
  const flush = () => {
    hash.update(encoder.encode(text))
    text = ''
  }
  return {
    add(more: string): void {
      text += more
      if (text.length > batchCharacters) flush()
    },
    end(): Digest {
      flush()
      return hash.digest()
    },
  }
}

/** An estimate of the bytes that a summary takes. */
export function weighSummary({ blobs }: Pick<ManifestSummary, 'blobs'>): number {
  return 200_000 + blobBytes * blobs.length
}

/** An estimate of the bytes that a parsed manifest takes, from V8's layout of objects, arrays and strings. */
export function weighManifest({ blobs, entries }: Manifest): number {
  let weight = 1_000 + 250 * blobs.length
  for (const { path, parts = [], reference = '' } of entries)
    weight += 350 + 2 * (path.length + reference.length) + 90 * parts.length
  return weight
}
