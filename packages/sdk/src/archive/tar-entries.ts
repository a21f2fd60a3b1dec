import { createSha256, sha256, type Sha256 } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import { createTarPacker } from 'modern-tar'
import type { LocatedEntry } from '../version/located-entry.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import type { Meter } from '../calls/meter.ts'
import { openPresignedUrls } from '../read/presigned-blobs.ts'
import { planFetches, sliceOf, type Fetch, type Piece } from '../read/plan-fetches.ts'
import { isReference, readReference, type ReferenceEntry } from '../read/read-reference.ts'
import { checkDigest, fetchSlice } from '../read/read-slices.ts'
import { runAhead } from '../concurrency/run-limited.ts'
import type { BlobScope } from '../version/version.ts'

/** Options of an archive. */
export interface TarContext {
  scope: BlobScope
  meter: Meter
  /** Concurrent requests, and with them blobs in memory. */
  concurrency: number
  /** The modification time of all files. */
  modifiedAt: Date
  signal?: AbortSignal | undefined
}

/**
 * Entries as a tar archive (POSIX.1-2001). Files of one blob are adjacent, so that it is fetched once and
 * held only as long as it is needed; references come last; otherwise entries are in the order of their paths.
 * The end of a file is emitted only if it has its digest.
 */
export async function* tarEntries(
  context: TarContext,
  entries: readonly LocatedEntry[],
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
    over.abort() // A reader that stops needs no more bytes.
    await reader.cancel().catch(() => {}) // It failed, which the reader knows.
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

/** The file of the archive that is being written. */
interface OpenFile {
  writer: WritableStreamDefaultWriter<Uint8Array>
  /** For a file in several slices, each of which was checked by itself. */
  hash: Sha256
}

async function pack(context: TarContext, entries: readonly LocatedEntry[], packer: Packer): Promise<void> {
  const { scope, concurrency, meter, signal } = context
  for (const entry of entries.filter((each) => each.slices.length === 0 && !isReference(each))) {
    await begin(context, packer, entry).close()
    meter.add({ files: 1 })
  }
  const fetches = planArchive(entries)
  const urls = await openPresignedUrls(scope, fetches.map(sliceOf), { path: entries[0]?.path ?? '', signal })
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
      meter.add({ bytes: length, files: isLast ? 1 : 0 })
    }
  }
  for (const entry of entries.filter(isReference)) await packReference(context, packer, entry)
}

/** The content of a reference, checked before its last bytes are passed on. */
async function packReference(context: TarContext, packer: Packer, entry: ReferenceEntry): Promise<void> {
  const { scope, meter, signal } = context
  const writer = begin(context, packer, entry)
  const bytes = readReference(scope.connection.elsewhere, entry, { start: 0, end: entry.size, signal })
  for await (const piece of bytes) {
    await writer.ready
    await writer.write(piece)
    meter.add({ bytes: piece.length })
  }
  await writer.close()
  meter.add({ files: 1 })
}

function begin({ modifiedAt }: TarContext, packer: Packer, { path, size, executable }: LocatedEntry) {
  const mode = executable ? 0o755 : 0o644
  return packer.add({ name: path, size, mode, mtime: modifiedAt, type: 'file' }).getWriter()
}

async function write({ writer }: OpenFile, content: Uint8Array): Promise<void> {
  await writer.ready
  await writer.write(content)
}

/** Whether a piece is the whole entry. */
function isSmall({ entry }: Piece): boolean {
  return entry.slices.length === 1
}

/** The requests, in the order in which the archive needs their results. */
function planArchive(entries: readonly LocatedEntry[]): Fetch[] {
  const places = new Map(entries.map((entry, index) => [entry, index]))
  const placeOf = ({ pieces: [first] }: Fetch) => (first && places.get(first.entry)) ?? 0
  const together = planFetches(entries.filter(({ slices }) => slices.length === 1))
  const sliceBySlice = entries.filter(({ slices }) => slices.length > 1).flatMap(planSlices)
  return [...together, ...sliceBySlice].sort((a, b) => placeOf(a) - placeOf(b))
}

function planSlices(entry: LocatedEntry): Fetch[] {
  let position = 0
  return entry.slices.map(({ blob, offset, length }, slice) => {
    position += length
    const piece: Piece = { entry, slice, position: position - length, offset, length }
    return { blob, start: offset, end: offset + length, pieces: [piece] }
  })
}

/** The result of a request. Complete files in it are checked, so that wrong bytes are fetched once more. */
function fetchPieces(
  { scope, signal }: TarContext,
  fetch: Fetch,
  urls: Awaited<ReturnType<typeof openPresignedUrls>>,
) {
  const { start, pieces } = fetch
  const path = pieces[0]?.entry.path ?? fetch.blob.digest
  const check = (bytes: Uint8Array) => {
    for (const { entry, offset, length } of pieces)
      checkDigest(entry.path, entry.digest, sha256(bytes.subarray(offset - start, offset - start + length)))
  }
  return fetchSlice(scope, sliceOf(fetch), { path, urls, signal, ...(pieces.every(isSmall) && { check }) })
}
