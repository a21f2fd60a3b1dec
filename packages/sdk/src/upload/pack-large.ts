import type { LocatedEntry, Slice } from '../version/located-entry.ts'
import type { OwnedBytes } from '../platform/tasks.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import type { Chunk } from '../content/chunk-digests.ts'
import { openLarge, type LargeReader } from './large-reader.ts'
import { createLease, type Lease } from '../concurrency/memory-budget.ts'
import { storeBlob, type Packable, type PackContext } from './pack-context.ts'
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
export async function packLarge(context: PackContext, file: Packable): Promise<LocatedEntry> {
  const { knownFiles, progress, hashCache } = context
  const { path, executable, source } = file
  const reader = await openLarge(source, context.crew)
  try {
    const slices = await packPieces(context, file, reader)
    const digest = await reader.finish()
    hashCache.remember(file, reader.identity, { digest, blobs: slices.map(({ blob }) => blob) })
    // A version keeps the slices of what it did not change, however that was cut.
    const known = knownFiles.get(digest) ?? slices
    knownFiles.set(digest, known)
    progress.add({ files: 1 })
    return { path, size: reader.size, digest, executable, slices: known }
  } finally {
    await reader.close()
  }
}

async function packPieces(context: PackContext, { source }: Packable, reader: LargeReader): Promise<Slice[]> {
  const { crew, budget, sizes, signal } = context
  const lane = crew.lane()
  const id = (cuts += 1)
  const slices: Slice[] = []
  const held = createPieces(context)
  await lane.run('beginChunks', { id, options: { cut: reader.size > sizes.blob, longest: sizes.blob } })

  async function readPiece(start: number) {
    const length = Math.min(pieceBytes, reader.size - start)
    await budget.take(length)
    const read = await reader.next(length, length === pieceBytes ? held.spare() : undefined)
    return { start, ...(await lane.run('cutPiece', { id, bytes: read }, [read])) }
  }

  async function store({ start, end, digest }: Chunk): Promise<void> {
    const blob = { digest, size: end - start }
    await storeBlob(context, { ...blob, take: () => held.lend(start, end) }, [{ source, start, end }])
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
function createPieces({ budget, reusesMemory }: PackContext) {
  let pieces: HeldPiece[] = []
  const spares: OwnedBytes[] = []
  return {
    add(start: number, bytes: OwnedBytes): void {
      let lent = false
      const lease = createLease(() => {
        budget.give(bytes.length)
        // An app in this process may still read memory that was sent.
        if ((reusesMemory || !lent) && bytes.length === pieceBytes) spares.push(bytes)
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
