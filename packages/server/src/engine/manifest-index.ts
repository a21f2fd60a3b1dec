import {
  comparePaths,
  concatenateBytes,
  createSha256,
  plainLineBytes,
  sha256,
  type Digest,
  type ManifestBlob,
  type ManifestEntry,
} from '@trackway/protocol'
import { countFirst } from '../stores/count-first.ts'
import type { ByteRange, ByteStream } from '../stores/object-store.ts'
import { indexLongEntry, readPieces, type LongEntry } from './long-entry.ts'
import { damagedManifest, isBlob, isEntry, readUnchanged, type ReadRange } from './manifest-lines.ts'
import { slicesOf, takeTurn } from './pauses.ts'
import { pathsAround, placeOf, storedEntry, type StoredEntry } from './stored-entry.ts'

/** Whole lines of a stored manifest. */
export interface Block extends ByteRange {
  /** Of these bytes, so that a block can be checked on its own; a single longer line has its own length. */
  content: Digest | LongEntry
  /** How many blobs are listed before it. */
  blobs: number
  /** Of the entry that it begins with; undefined where it begins with the header or a blob. */
  path: string | undefined
}

const lineFeed = 10
const openingBracket = 0x5b
const blockBytes = 64 * 1024
/**
 * Blocks of blobs that a reader keeps: an entry is read once to decide how to check it, and once for its
 * bytes.
 */
const heldBlocks = 4
const decoder = new TextDecoder()

/**
 * Reads a manifest and records where the entries and blobs are: one path for each 64 KiB, however large it
 * is. The bytes are checked against the digest, and each block against its own digest when it is read again.
 */
export async function indexManifest(body: ByteStream, digest: Digest): Promise<Block[]> {
  const index = createIndex()
  const hash = createSha256()
  for await (const piece of body) {
    for (const slice of slicesOf(piece)) {
      hash.update(slice)
      try {
        index.write(slice)
      } catch (error) {
        throw damagedManifest('a line has changed', error)
      }
      await takeTurn(slice.length)
    }
  }
  const blocks = index.end()
  const actual = hash.digest()
  if (actual !== digest) throw damagedManifest(`its bytes have the digest ${actual}`)
  return blocks
}

/** Cuts lines that arrive in slices into blocks. */
function createIndex() {
  const blocks: Block[] = []
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  /** Of the pending ones, those of a line whose end did not come yet. */
  let lineBytes = 0
  let start = 0
  let blobs = 0
  let long: ReturnType<typeof indexLongEntry> | undefined
  let longBytes = 0

  function hold(bytes: Uint8Array): void {
    if (bytes.length > 0) pending.push(bytes.slice())
    pendingBytes += bytes.length
  }

  function takePending(): Uint8Array {
    const bytes = concatenateBytes(pending)
    pending = []
    pendingBytes = 0
    return bytes
  }

  function close(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const path = pathOf(bytes)
    const end = start + bytes.length
    blocks.push({ start, end, content: sha256(bytes), blobs, path })
    if (path === undefined) blobs += countBlobs(bytes)
    start = end
  }

  function beginLong(): void {
    const bytes = takePending()
    const before = bytes.length - lineBytes
    close(bytes.subarray(0, before))
    long = indexLongEntry(start)
    long.write(bytes.subarray(before))
    longBytes = lineBytes
    lineBytes = 0
  }

  /** Takes the rest of a long line, and returns what follows it. */
  function writeLong(line: NonNullable<typeof long>, slice: Uint8Array): Uint8Array {
    const cut = slice.indexOf(lineFeed) + 1
    const bytes = cut === 0 ? slice : slice.subarray(0, cut)
    line.write(bytes)
    longBytes += bytes.length
    if (cut === 0) return slice.subarray(slice.length)
    const content = line.end()
    blocks.push({ start, end: start + longBytes, content, blobs, path: content.entry.path })
    start += longBytes
    long = undefined
    return slice.subarray(cut)
  }

  return {
    write(slice: Uint8Array): void {
      const bytes = long === undefined ? slice : writeLong(long, slice)
      const cut = bytes.lastIndexOf(lineFeed) + 1
      hold(bytes.subarray(0, cut))
      if (cut > 0 && pendingBytes >= blockBytes) close(takePending())
      hold(bytes.subarray(cut))
      lineBytes = bytes.length - cut + (cut === 0 ? lineBytes : 0)
      if (lineBytes > plainLineBytes) beginLong()
    },
    end(): Block[] {
      close(takePending())
      return blocks
    },
  }
}

/** An estimate of the bytes that an index holds. */
export function weighIndex(blocks: readonly Block[]): number {
  return blocks.reduce(
    (sum, { path = '', content }) =>
      sum + 300 + 2 * path.length + (typeof content === 'string' ? 0 : 300 * content.pieces.length),
    0,
  )
}

/** Entries of a manifest that is read in blocks. */
export function createIndexReader(blocks: readonly Block[], read: ReadRange) {
  const recentBlobs = new Map<Block, ManifestBlob[]>()
  let lastEntries: { block: Block; entries: StoredEntry[] } | undefined

  async function linesOf(block: Block): Promise<unknown[]> {
    const bytes = await readUnchanged(
      read,
      block,
      typeof block.content === 'string' ? block.content : undefined,
    )
    return decoder
      .decode(bytes)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  async function entriesOf(block: Block | undefined): Promise<StoredEntry[]> {
    if (block === undefined) return []
    const { content } = block
    if (typeof content !== 'string')
      return [storedEntry(content.entry, (range) => readPieces(content.pieces, range, read), findBlobs)]
    if (lastEntries?.block !== block)
      lastEntries = { block, entries: (await linesOf(block)).filter(isEntry).map(shortEntry) }
    return lastEntries.entries
  }

  function shortEntry(entry: ManifestEntry): StoredEntry {
    return storedEntry(entry, () => [{ position: 0, parts: entry.parts ?? [] }], findBlobs)
  }

  async function blobsOf(block: Block): Promise<ManifestBlob[]> {
    const held = recentBlobs.get(block)
    if (held !== undefined) return held
    const lines = (await linesOf(block)).filter(isBlob)
    const blobs = lines.map(([hex, size]): ManifestBlob => ({ digest: `sha256:${hex}`, size }))
    recentBlobs.set(block, blobs)
    for (const oldest of recentBlobs.keys()) if (recentBlobs.size > heldBlocks) recentBlobs.delete(oldest)
    return blobs
  }

  /** In the order of their indexes, so that no block is read twice. */
  async function findBlobs(numbers: Iterable<number>): Promise<Map<number, ManifestBlob>> {
    const found = new Map<number, ManifestBlob>()
    for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
      const block = lastWhere(blocks, ({ blobs, path }) => path === undefined && blobs <= number)
      const blob = block && (await blobsOf(block))[number - block.blobs]
      if (blob !== undefined) found.set(number, blob)
    }
    return found
  }

  /** The block that has an entry, if it exists. */
  function blockOf(path: string): Block | undefined {
    return lastWhere(blocks, (block) => block.path === undefined || comparePaths(block.path, path) <= 0)
  }

  return {
    async find(path: string): Promise<StoredEntry | undefined> {
      return (await entriesOf(blockOf(path))).find(({ entry }) => entry.path === path)
    },
    /** Paths near the position of this one, the nearest first. */
    async around(path: string): Promise<string[]> {
      const entries = (await entriesOf(blockOf(path))).map(({ entry }) => entry)
      return pathsAround(entries, placeOf(entries, path))
    },
    async *entries(): AsyncGenerator<StoredEntry> {
      for (const block of blocks) yield* await entriesOf(block)
    },
  }
}

/** The last of the sorted blocks for which this holds, as it does for all before it. */
function lastWhere(blocks: readonly Block[], holds: (block: Block) => boolean): Block | undefined {
  return blocks[countFirst(blocks, holds) - 1]
}

function pathOf(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(lineFeed)
  const line = decoder.decode(end === -1 ? bytes : bytes.subarray(0, end))
  try {
    const value: unknown = JSON.parse(line)
    return isEntry(value) ? value.path : undefined
  } catch {
    throw damagedManifest('a line is not JSON')
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
