import { createSha256, sha256, type Sha256 } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import { createTarPacker } from 'modern-tar'
import type { PlacedEntry } from '../version/placed-entry.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import type { ProgressCount } from '../calls/count-progress.ts'
import { openPresignedUrls } from '../read/presigned-blobs.ts'
import { planFetches, sliceOf, type Fetch, type Piece } from '../read/plan-fetches.ts'
import { isReference, readReference, type ReferenceEntry } from '../read/read-reference.ts'
import { checkDigest, fetchSlice } from '../read/read-slices.ts'
import { runAhead } from '../concurrency/run-limited.ts'
import type { BlobPlace } from '../version/version.ts'

/** What an archive is made with. */
export interface TarContext {
  place: BlobPlace
  progress: ProgressCount
  /** Requests, and with them blobs in memory, at a time. */
  concurrency: number
  /** The time that all files get. */
  modifiedAt: Date
  signal?: AbortSignal | undefined
}

/**
 * Entries as a tar archive (POSIX.1-2001). Files of one blob come together, so that it is fetched once and held no longer
 * than it is needed; what stays elsewhere comes last; else they are in the order of their paths. A file ends only if it has its digest.
 */
export async function* tarEntries(
  context: TarContext,
  entries: readonly PlacedEntry[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const { readable, controller } = createTarPacker()
  const over = new AbortController()
  const signal = anySignal(context.signal, over.signal)
  const packed = pack({ ...context, signal }, entries, controller).then(
    () => controller.finalize(),
    (error: unknown) => controller.error(error),
  )
  const reader = readable.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    over.abort() // Whoever reads no further wants no further bytes.
    await reader.cancel().catch(() => {}) // It failed, and whoever reads knows.
    await packed
  }
}

interface Packer {
  add(header: TarHeader): WritableStream<Uint8Array>
}

interface TarHeader {
  name: string
  size: number
  mode: number
  mtime: Date
  type: 'file'
}

/** A file of the archive that was begun. */
interface OpenFile {
  writer: WritableStreamDefaultWriter<Uint8Array>
  /** Of a file in several slices, each of which was looked at by itself. */
  hash: Sha256
}

async function pack(context: TarContext, entries: readonly PlacedEntry[], packer: Packer): Promise<void> {
  const { place, concurrency, progress, signal } = context
  for (const entry of entries.filter((each) => each.slices.length === 0 && !isReference(each))) {
    await begin(context, packer, entry).close()
    progress.add({ files: 1 })
  }
  const fetches = planArchive(entries)
  const urls = await openPresignedUrls(place, fetches.map(sliceOf), { path: entries[0]?.path ?? '', signal })
  const fetched = runAhead(
    fetches,
    async (fetch) => ({ fetch, bytes: await fetchPieces(context, fetch, urls) }),
    concurrency,
  )
  let open: OpenFile | undefined
  for await (const { fetch, bytes } of fetched) {
    for (const piece of fetch.pieces) {
      throwIfAborted(signal)
      const { entry, slice, offset, length } = piece
      const content = bytes.subarray(offset - fetch.start, offset - fetch.start + length)
      open ??= { writer: begin(context, packer, entry), hash: createSha256() }
      const isLast = slice === entry.slices.length - 1
      await write(open, content)
      if (!isSmall(piece)) open.hash.update(content)
      if (isLast && !isSmall(piece)) checkDigest(entry.path, entry.digest, open.hash.digest())
      if (isLast) await open.writer.close()
      if (isLast) open = undefined
      progress.add({ bytes: length, files: isLast ? 1 : 0 })
    }
  }
  for (const entry of entries.filter(isReference)) await packReference(context, packer, entry)
}

/** What stays elsewhere, checked before its last bytes are handed on. */
async function packReference(context: TarContext, packer: Packer, entry: ReferenceEntry): Promise<void> {
  const { place, progress, signal } = context
  const writer = begin(context, packer, entry)
  const bytes = readReference(place.connection.elsewhere, entry, { start: 0, end: entry.size, signal })
  for await (const piece of bytes) {
    await writer.ready
    await writer.write(piece)
    progress.add({ bytes: piece.length })
  }
  await writer.close()
  progress.add({ files: 1 })
}

function begin({ modifiedAt }: TarContext, packer: Packer, { path, size, executable }: PlacedEntry) {
  const mode = executable ? 0o755 : 0o644
  return packer.add({ name: path, size, mode, mtime: modifiedAt, type: 'file' }).getWriter()
}

async function write({ writer }: OpenFile, content: Uint8Array): Promise<void> {
  await writer.ready
  await writer.write(content)
}

/** Whether a piece is all of its entry. */
function isSmall({ entry }: Piece): boolean {
  return entry.slices.length === 1
}

/** The requests, in the order in which the archive needs what they bring. */
function planArchive(entries: readonly PlacedEntry[]): Fetch[] {
  const places = new Map(entries.map((entry, index) => [entry, index]))
  const placeOf = ({ pieces: [first] }: Fetch) => (first && places.get(first.entry)) ?? 0
  const together = planFetches(entries.filter(({ slices }) => slices.length === 1))
  const sliceBySlice = entries.filter(({ slices }) => slices.length > 1).flatMap(planSlices)
  return [...together, ...sliceBySlice].sort((a, b) => placeOf(a) - placeOf(b))
}

function planSlices(entry: PlacedEntry): Fetch[] {
  let position = 0
  return entry.slices.map(({ blob, offset, length }, slice) => {
    position += length
    const piece: Piece = { entry, slice, position: position - length, offset, length }
    return { blob, start: offset, end: offset + length, pieces: [piece] }
  })
}

/** What a request brings. Files that are all in it are checked, so that wrong bytes are fetched once more. */
function fetchPieces(
  { place, signal }: TarContext,
  fetch: Fetch,
  urls: Awaited<ReturnType<typeof openPresignedUrls>>,
) {
  const { start, pieces } = fetch
  const path = pieces[0]?.entry.path ?? fetch.blob.digest
  const check = (bytes: Uint8Array) => {
    for (const { entry, offset, length } of pieces)
      checkDigest(entry.path, entry.digest, sha256(bytes.subarray(offset - start, offset - start + length)))
  }
  return fetchSlice(place, sliceOf(fetch), { path, urls, signal, ...(pieces.every(isSmall) && { check }) })
}
