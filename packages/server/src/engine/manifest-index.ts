import {
  comparePaths,
  concatenateBytes,
  createSha256,
  sha256,
  TrackwayError,
  type Digest,
  type ManifestBlob,
  type ManifestEntry,
} from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import { entryWith, pathsAround, placeOf, type StoredEntry } from './stored-entry.ts'
import { slicesOf, takeTurn } from './pauses.ts'

/** Whole lines of a stored manifest. */
export interface Block extends ByteRange {
  /** Of these bytes, so that a block can be checked without the others. */
  digest: Digest
  /** How many blobs are listed before it. */
  blobs: number
  /** Of the entry that it begins with; undefined where it begins with the header or a blob. */
  path: string | undefined
}

/** Reads a range of a stored manifest. */
export type ReadRange = (range: ByteRange) => Promise<Uint8Array>

const lineFeed = 10
const openingBracket = 0x5b
const blockBytes = 64 * 1024
const decoder = new TextDecoder()

/**
 * Reads a manifest through and notes where the entries and blobs are: one path for each 64 KiB, however large it is. The
 * bytes are checked against the digest, and each block against its own when it is read again.
 */
export async function indexManifest(body: ByteStream, digest: Digest): Promise<Block[]> {
  const blocks: Block[] = []
  const hash = createSha256()
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let start = 0
  let blobs = 0

  function close(last: Uint8Array): void {
    const bytes = concatenateBytes([...pending, last])
    const end = start + bytes.length
    const path = pathOf(bytes)
    blocks.push({ start, end, digest: sha256(bytes), blobs, path })
    if (path === undefined) blobs += countBlobs(bytes)
    start = end
    pending = []
    pendingBytes = 0
  }

  for await (const piece of body) {
    for (const slice of slicesOf(piece)) {
      hash.update(slice)
      const cut = slice.lastIndexOf(lineFeed) + 1
      const isFull = cut > 0 && pendingBytes + cut >= blockBytes
      if (isFull) close(slice.subarray(0, cut))
      const rest = isFull ? slice.subarray(cut) : slice
      if (rest.length > 0) pending.push(rest)
      pendingBytes += rest.length
      await takeTurn(slice.length)
    }
  }
  if (pendingBytes > 0) close(new Uint8Array())
  const actual = hash.digest()
  if (actual !== digest) throw damaged(`its bytes have the digest ${actual}`)
  return blocks
}

/** An estimate of the bytes that an index holds. */
export function weighIndex(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { path = '' }) => sum + 300 + 2 * path.length, 0)
}

/** Entries of a manifest that is read in blocks. */
export function createIndexReader(blocks: readonly Block[], read: ReadRange) {
  let lastBlobs: { block: Block; blobs: ManifestBlob[] } | undefined
  let lastEntries: { block: Block; entries: ManifestEntry[] } | undefined

  async function linesOf(block: Block): Promise<unknown[]> {
    const bytes = await read(block)
    if (sha256(bytes) !== block.digest) throw damaged(`its bytes ${block.start} to ${block.end} changed`)
    return decoder
      .decode(bytes)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  async function entriesOf(block: Block | undefined): Promise<ManifestEntry[]> {
    if (block === undefined) return []
    if (lastEntries?.block !== block) lastEntries = { block, entries: (await linesOf(block)).filter(isEntry) }
    return lastEntries.entries
  }

  async function blobsOf(block: Block): Promise<ManifestBlob[]> {
    if (lastBlobs?.block !== block) {
      const lines = (await linesOf(block)).filter(isBlob)
      lastBlobs = { block, blobs: lines.map(([hex, size]) => ({ digest: `sha256:${hex}`, size })) }
    }
    return lastBlobs.blobs
  }

  async function withBlobs(entry: ManifestEntry): Promise<StoredEntry> {
    const used = new Map<number, ManifestBlob>()
    for (const [index] of entry.parts ?? []) {
      const block = lastWhere(blocks, ({ blobs, path }) => path === undefined && blobs <= index)
      const blob = block && (await blobsOf(block))[index - block.blobs]
      if (blob !== undefined) used.set(index, blob)
    }
    return entryWith(entry, used)
  }

  /** The block that has an entry, if any has it. */
  function blockOf(path: string): Block | undefined {
    return lastWhere(blocks, (block) => block.path === undefined || comparePaths(block.path, path) <= 0)
  }

  return {
    async find(path: string): Promise<StoredEntry | undefined> {
      const entry = (await entriesOf(blockOf(path))).find((candidate) => candidate.path === path)
      return entry && withBlobs(entry)
    },
    /** Paths that stand where this one would, the nearest first. */
    async around(path: string): Promise<string[]> {
      const entries = await entriesOf(blockOf(path))
      return pathsAround(entries, placeOf(entries, path))
    },
    async *entries(): AsyncGenerator<StoredEntry> {
      for (const block of blocks) for (const entry of await entriesOf(block)) yield withBlobs(entry)
    },
  }
}

/** The last of the blocks that are in order for which this holds, as it does for all before it. */
function lastWhere(blocks: readonly Block[], holds: (block: Block) => boolean): Block | undefined {
  let low = 0
  let high = blocks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const block = blocks[middle]
    if (block !== undefined && holds(block)) low = middle + 1
    else high = middle
  }
  return blocks[low - 1]
}

function pathOf(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(lineFeed)
  const line = decoder.decode(end === -1 ? bytes : bytes.subarray(0, end))
  try {
    const value: unknown = JSON.parse(line)
    return isEntry(value) ? value.path : undefined
  } catch {
    throw damaged('a line is not JSON')
  }
}

function countBlobs(bytes: Uint8Array): number {
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    while ((bytes[at] ?? lineFeed) === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d) at += 1
    if (bytes[at] === openingBracket) count += 1
    const end = bytes.indexOf(lineFeed, at)
    if (end === -1) break
    at = end + 1
  }
  return count
}

/** Lines were held to their schemas when the manifest was stored, and have its digest. */
function isEntry(line: unknown): line is ManifestEntry {
  return typeof line === 'object' && line !== null && 'path' in line
}

function isBlob(line: unknown): line is [hex: string, size: number] {
  return Array.isArray(line)
}

function damaged(problem: string): TrackwayError {
  return new TrackwayError('digest_mismatch', problem)
}
