import { constants, open, type FileHandle } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import { TrackwayError } from '@trackway/protocol/content'
import type { ContentSource, OpenContent } from '../../content/content-source.ts'
import { fileError } from './file-error.ts'

const pieceBytes = 1024 * 1024
// What was a file may be a pipe by now: opening one must not wait for a writer. Windows has no such flag.
export const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** A file's content, read from one open handle, so that a file that is replaced is read as it was. */
export function fileSource(path: string): ContentSource {
  return { label: path, localPath: path, open: () => openContent(path) }
}

async function openContent(path: string): Promise<OpenContent> {
  const handle = await openFile(path)
  try {
    const before = await handle.stat({ bigint: true })
    checkRegular(before, path)
    return {
      size: Number(before.size),
      read: (start, end) => readPieces(handle, { path, start, end }),
      checkUnchanged: async () => checkUnchanged(path, before, await handle.stat({ bigint: true })),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw fileError(error, 'Reading', path)
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, readOnly)
  } catch (error) {
    throw fileError(error, 'Reading', path)
  }
}

async function* readPieces(handle: FileHandle, range: { path: string; start: number; end: number }) {
  for (let position = range.start; position < range.end; ) {
    const wanted = Math.min(pieceBytes, range.end - position)
    const { bytesRead, buffer } = await readPiece(handle, range.path, { wanted, position })
    if (bytesRead === 0) throw endedEarly(range.path, position, range.end)
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

async function readPiece(handle: FileHandle, path: string, at: { wanted: number; position: number }) {
  try {
    return await handle.read(Buffer.allocUnsafe(at.wanted), 0, at.wanted, at.position)
  } catch (error) {
    throw fileError(error, 'Reading', path)
  }
}

/** Throws `file_unsupported` for what is no regular file. */
export function checkRegular(stats: BigIntStats, path: string): void {
  if (stats.isFile()) return
  throw new TrackwayError('file_unsupported', `Reading ${path}: it is no regular file any more`)
}

/** Throws `file_changed` where a file is not what it was. */
export function checkUnchanged(path: string, before: BigIntStats, now: BigIntStats): void {
  if (now.size !== before.size) throw changed(path, `it had ${before.size} bytes and has ${now.size}`)
  if (now.mtimeNs !== before.mtimeNs || now.ino !== before.ino) throw changed(path, 'it was written to')
}

/** The error of a file that has got shorter. */
export function endedEarly(path: string, at: number, size: number): TrackwayError {
  return changed(path, `it ended at byte ${at} instead of ${size}`)
}

function changed(path: string, how: string): TrackwayError {
  return new TrackwayError(
    'file_changed',
    `Reading ${path}: ${how} meanwhile; let its writer finish, then upload again`,
    {
      details: { path },
    },
  )
}
