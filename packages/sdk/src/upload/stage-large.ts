import type { LocatedEntry, Slice } from '../version/located-entry.ts'
import type { OwnedBytes } from '../tasks/tasks.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import type { Chunk } from '../content/chunk-digests.ts'
import { openLarge, type LargeReader } from './large-reader.ts'
import { createLease, type Lease } from '../concurrency/memory-budget.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import { claimBlob } from './known-content.ts'
import type { Upload } from './upload.ts'
import { runAhead } from '../concurrency/run-limited.ts'

const pieceBytes = 2 * 1024 * 1024
/** How many pieces of a file are read, hashed and cut at a time. */
const piecesAhead = 4
let cuts = 0

/** A piece of a file in memory. */
interface HeldPiece {
  start: number
  bytes: OwnedBytes
  lease: Lease
}

/** Lays a large file into blobs: it is read once, while its new chunks are queued. */
export async function stageLarge(upload: Upload, entry: LocalEntry): Promise<LocatedEntry> {
  const { knownFiles, meter, hashCache } = upload
  const { path, executable, source } = entry
  const reader = await openLarge(source, upload.crew)
  try {
    const slices = await stagePieces(upload, entry, reader)
    const digest = await reader.finish()
    hashCache.remember(entry, reader.identity, { digest, blobs: slices.map(({ blob }) => blob) })
    // A version keeps the slices of what it did not change, however that was cut.
    const known = knownFiles.get(digest) ?? slices
    knownFiles.set(digest, known)
    meter?.resize(entry.size, reader.size)
    meter?.add({ files: 1 })
    return { path, size: reader.size, digest, executable, slices: known }
  } finally {
    await reader.close()
  }
}

async function stagePieces(upload: Upload, { source }: LocalEntry, reader: LargeReader): Promise<Slice[]> {
  const { crew, budget, queue, sizes, signal } = upload
  const lane = crew.lane()
  const id = (cuts += 1)
  const slices: Slice[] = []
  const held = createPieces(upload)
  await lane.run('beginChunks', { id, options: { cut: reader.size > sizes.blob, longest: sizes.blob } })

  async function readPiece(start: number) {
    const length = Math.min(pieceBytes, reader.size - start)
    await budget.take(length)
    const read = await reader.next(length, length === pieceBytes ? held.spare() : undefined)
    return { start, ...(await lane.run('cutPiece', { id, bytes: read }, [read])) }
  }

  async function store({ start, end, digest }: Chunk): Promise<void> {
    const blob = { digest, size: end - start }
    if (claimBlob(upload, blob, [{ source, start, end }]))
      await queue.add({ ...blob, ...held.lend(start, end) })
    slices.push({ blob, offset: 0, length: blob.size })
    held.drop(end)
  }

  try {
    for await (const { start, bytes, chunks } of runAhead(startsOf(reader.size), readPiece, piecesAhead)) {
      throwIfAborted(signal)
      held.add(start, bytes)
      for (const chunk of chunks) await store(chunk)
    }
    for (const chunk of await lane.run('endChunks', { id })) await store(chunk)
    return slices
  } finally {
    held.drop(Infinity)
    await lane.run('endChunks', { id })
  }
}

function* startsOf(size: number): Generator<number> {
  for (let start = 0; start < size; start += pieceBytes) yield start
}

/** The pieces that the next chunks may be in. */
function createPieces({ budget, scope }: Upload) {
  let pieces: HeldPiece[] = []
  const spares: OwnedBytes[] = []
  return {
    add(start: number, bytes: OwnedBytes): void {
      let lent = false
      const lease = createLease(() => {
        budget.give(bytes.length)
        // An app in this process may still read memory that was sent.
        if ((scope.connection.isRemote || !lent) && bytes.length === pieceBytes) spares.push(bytes)
      })
      pieces.push({
        start,
        bytes,
        lease: {
          ...lease,
          share() {
            lent = true
            return lease.share()
          },
        },
      })
    },
    /** Memory of a piece that is not in use. */
    spare: () => spares.pop(),
    /** The bytes of a range, and a function to call when they are not needed any more. */
    lend(start: number, end: number) {
      const touched = pieces.filter((piece) => piece.start < end && piece.start + piece.bytes.length > start)
      const releases = touched.map(({ lease }) => lease.share())
      return {
        bytes: touched.map((piece) =>
          piece.bytes.subarray(Math.max(start - piece.start, 0), end - piece.start),
        ),
        release: () => {
          for (const release of releases) release()
        },
      }
    },
    /** Releases what is before an offset. */
    drop(before: number): void {
      for (const piece of pieces) if (piece.start + piece.bytes.length <= before) piece.lease.end()
      pieces = pieces.filter((piece) => piece.start + piece.bytes.length > before)
    },
  }
}
