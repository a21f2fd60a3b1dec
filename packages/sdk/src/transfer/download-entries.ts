import { createSha256, sha256, type Digest } from '@trackway/protocol'
import { readContent } from '../content/content-source.ts'
import type { PlacedEntry } from '../content/placed-entry.ts'
import type { StagedFile, Staging } from '../platform/file-system.ts'
import { planFetches, type Fetch, type Piece } from './plan-fetches.ts'
import type { ProgressCount } from './progress.ts'
import { checkDigest, fetchSlice, type BlobPlace } from './read-slices.ts'
import { runLimited } from './run-limited.ts'

export interface DownloadContext {
  place: BlobPlace
  staging: Staging
  progress: ProgressCount
  /** Requests, and with them blobs in memory, at a time. */
  concurrency: number
  signal?: AbortSignal | undefined
}

const writesAtOnce = 8
const flushesAtOnce = 16

/** Fetches entries into a staging folder. Each one has its digest, and is flushed, when this is done. */
export async function downloadEntries(
  context: DownloadContext,
  entries: readonly PlacedEntry[],
): Promise<void> {
  const { staging, concurrency, signal } = context
  const paths = entries.map((entry) => entry.path)
  await staging.makeFolders(paths)
  const writer = createWriter(context)
  const empty = entries.filter((entry) => entry.slices.length === 0)
  await runLimited(empty, writer.writeEmpty, { concurrency: writesAtOnce, signal })
  try {
    await runLimited(planFetches(entries), (fetch) => fetchInto(context, fetch, writer), {
      concurrency,
      signal,
    })
  } finally {
    await writer.close()
  }
  await runLimited(paths, (path) => staging.flush(path), { concurrency: flushesAtOnce, signal })
}

async function fetchInto({ place, signal }: DownloadContext, fetch: Fetch, writer: Writer): Promise<void> {
  const { blob, start, end, pieces } = fetch
  const path = pieces[0]?.entry.path ?? blob.digest
  const bytes = await fetchSlice(place, { blob, offset: start, length: end - start }, { path, signal })
  const write = (piece: Piece) => {
    const from = piece.offset - start
    return writer.write(piece, bytes.subarray(from, from + piece.length))
  }
  await runLimited(pieces, write, { concurrency: writesAtOnce, signal })
}

interface Writer {
  writeEmpty(entry: PlacedEntry): Promise<void>
  write(piece: Piece, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

interface Pending {
  file: Promise<StagedFile>
  missing: number
}

/**
 * Writes pieces where they belong. An entry of one piece is checked in memory before a byte of it is written; one of
 * several is read back from the file, since only that proves what lies there.
 */
function createWriter({ staging, progress }: DownloadContext): Writer {
  const pending = new Map<string, Pending>()

  async function writeWhole({ path, digest, executable }: PlacedEntry, bytes: Uint8Array): Promise<void> {
    checkDigest(path, digest, sha256(bytes))
    const file = await staging.create(path, { executable })
    try {
      await file.write(bytes, 0)
    } finally {
      await file.close()
    }
    progress.add({ files: 1, bytes: bytes.length })
  }

  async function writePart({ entry, position }: Piece, bytes: Uint8Array): Promise<void> {
    const state = pending.get(entry.path) ?? {
      file: staging.create(entry.path, entry),
      missing: entry.slices.length,
    }
    pending.set(entry.path, state)
    const file = await state.file
    await file.write(bytes, position)
    progress.add({ bytes: bytes.length })
    state.missing -= 1
    if (state.missing > 0) return
    pending.delete(entry.path)
    await file.close()
    checkDigest(entry.path, entry.digest, await readBack(staging, entry.path))
    progress.add({ files: 1 })
  }

  return {
    writeEmpty: (entry) => writeWhole(entry, new Uint8Array()),
    write: (piece, bytes) =>
      piece.entry.slices.length === 1 ? writeWhole(piece.entry, bytes) : writePart(piece, bytes),
    async close() {
      await Promise.allSettled([...pending.values()].map(async ({ file }) => (await file).close()))
    },
  }
}

async function readBack(staging: Staging, path: string): Promise<Digest> {
  const hash = createSha256()
  for await (const bytes of readContent(staging.source(path))) hash.update(bytes)
  return hash.digest()
}
