import { TrackwayError } from '@trackway/protocol'
import type { MeterPart } from '../../calls/meter.ts'
import type { OwnedBytes, PieceToWrite } from '../../tasks/tasks.ts'
import { hashWhole, type Leftover } from './check-leftover.ts'
import type { Filling } from './filling.ts'
import { hashFile, type FileHash } from './file-hash.ts'
import { checkReference, fetchReference, type ReferenceEntry } from '../../read/read-reference.ts'

/** How much is collected before it is written. */
const pieceBytes = 1024 * 1024

/**
 * Downloads an entry whose bytes stay elsewhere to the staging folder, in one stream, and compares the
 * resulting file with its digest. Resumes from what an earlier download left; if the result is wrong, it
 * starts over.
 */
export async function downloadReference(
  context: Filling,
  entry: ReferenceEntry,
  { begun }: Leftover,
): Promise<void> {
  const { staging, meter, readOnly } = context
  const { path } = entry
  if (!begun.has(path)) {
    await fetchFile(context, entry)
  } else {
    try {
      await goOn(context, entry)
    } catch (error) {
      if (!TrackwayError.hasCode(error, 'integrity_error')) throw error
      await staging.remove(path)
      await fetchFile(context, entry)
    }
  }
  if (readOnly) await staging.protect(path, entry)
  meter.add({ files: 1 })
}

async function fetchFile(context: Filling, entry: ReferenceEntry): Promise<void> {
  await context.staging.create(entry.path, { executable: entry.executable, size: 0 })
  await goOn(context, entry)
}

/** Fetches the missing part of a file. Bytes that turn out to be wrong do not count. */
async function goOn(context: Filling, entry: ReferenceEntry): Promise<void> {
  const { crew, staging, meter, signal } = context
  const hash = hashFile(crew, staging.localPath(entry.path))
  const part = meter.part()
  try {
    const there = (await hash.begin())?.size ?? 0
    await hashWhole(hash, there, signal)
    part.add({ bytes: there, reusedBytes: there })
    await fetchRest(context, entry, { hash, start: there, part })
    checkReference(entry, await hash.end())
  } catch (error) {
    if (TrackwayError.hasCode(error, 'integrity_error')) part.undo()
    throw error
  } finally {
    await hash.end()
  }
}

interface Rest {
  hash: FileHash
  start: number
  part: MeterPart
}

async function fetchRest(
  { scope, staging, signal }: Filling,
  entry: ReferenceEntry,
  { hash, start, part }: Rest,
): Promise<void> {
  const { path, size } = entry
  const localPath = staging.localPath(path)
  const emptyMemory = (): OwnedBytes => new Uint8Array(Math.min(pieceBytes, size - start))
  let memory = emptyMemory()
  let spare: OwnedBytes | undefined
  let filled = 0
  let position = start
  let writing = Promise.resolve()

  /** Writes what was collected, and hashes the resulting file, while more is collected. */
  async function write(): Promise<void> {
    await writing
    const bytes = memory
    const piece = { path, localPath, position, offset: 0, length: filled }
    memory = spare ?? emptyMemory()
    position += filled
    filled = 0
    writing = writeOn(bytes, piece)
    writing.catch(() => {}) // The waiting caller gets the error.
  }

  async function writeOn(bytes: OwnedBytes, piece: PieceToWrite): Promise<void> {
    spare = await hash.lane.run('writePieces', { bytes, pieces: [piece] }, [bytes])
    await hash.more(piece.length)
    part.add({ bytes: piece.length })
  }

  try {
    for await (const piece of fetchReference(scope.connection.elsewhere, entry, {
      start,
      end: size,
      signal,
    })) {
      for (let taken = 0; taken < piece.length; ) {
        const fitting = piece.subarray(taken, taken + memory.length - filled)
        memory.set(fitting, filled)
        filled += fitting.length
        taken += fitting.length
        if (filled === memory.length) await write()
      }
    }
    if (filled > 0) await write()
  } finally {
    await writing
  }
}
