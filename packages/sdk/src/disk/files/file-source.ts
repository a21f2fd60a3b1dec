import { constants, open, type FileHandle } from 'node:fs/promises'
import { statfsSync, type BigIntStats } from 'node:fs'
import { TrackwayError } from '@trackway/protocol/content'
import type { ContentSource, OpenContent } from '../../content/content-source.ts'
import { fileError } from './file-error.ts'

const pieceBytes = 1024 * 1024
// What was a file may be a pipe by now: opening one must not wait for a writer. Windows has no such flag.
export const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** A file's content, read from one open handle, so that a file that is replaced is still read as it was. */
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
      read: (start, end) => readPieces(handle, { path, start, end, size: Number(before.size) }),
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

interface Range {
  path: string
  start: number
  /** `Infinity`: to the end, wherever that is. */
  end: number
  /** The reported size of the file. */
  size: number
}

async function* readPieces(handle: FileHandle, { path, start, end, size }: Range) {
  for (let position = start; position < end; ) {
    // One byte after the last shows that it is the last.
    const stated = position > size ? pieceBytes : size - position + 1
    const wanted = Math.min(pieceBytes, end - position, stated)
    const { bytesRead, buffer } = await readPiece(handle, path, { wanted, position })
    if (bytesRead === 0) {
      if (end === Infinity && (position >= size || statesTooMuch(path))) return
      throw endedEarly(path, position, Math.min(end, size))
    }
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

const typeOfSysfs = 0x62656572

/**
 * Whether a file may be shorter than its reported size without having been truncated: files of /sys report a
 * page.
 */
export function statesTooMuch(path: string): boolean {
  return process.platform === 'linux' && statfsSync(path).type === typeOfSysfs
}

async function readPiece(handle: FileHandle, path: string, at: { wanted: number; position: number }) {
  try {
    return await handle.read(Buffer.allocUnsafe(at.wanted), 0, at.wanted, at.position)
  } catch (error) {
    throw fileError(error, 'Reading', path)
  }
}

/** Throws `file_unsupported` for anything but a regular file. */
export function checkRegular(stats: BigIntStats, path: string): void {
  if (stats.isFile()) return
  throw new TrackwayError('file_unsupported', `Reading ${path}: it is no longer a regular file`)
}

/** Throws `file_changed` if a file has changed. */
export function checkUnchanged(path: string, before: BigIntStats, now: BigIntStats): void {
  if (now.size !== before.size)
    throw changed(path, `its size changed from ${before.size} to ${now.size} bytes`)
  if (now.mtimeNs !== before.mtimeNs || now.ino !== before.ino) throw changed(path, 'it was written to')
}

/** The error for a file that was truncated. */
export function endedEarly(path: string, at: number, size: number): TrackwayError {
  return changed(path, `it ended at byte ${at} instead of ${size}`)
}

function changed(path: string, how: string): TrackwayError {
  return new TrackwayError(
    'file_changed',
    `Reading ${path}: ${how} during the upload; let its writer finish, then upload again`,
    {
      details: { path },
    },
  )
}
