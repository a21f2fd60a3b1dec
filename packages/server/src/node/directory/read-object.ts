import { TrackwayError } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../../stores/object-store.ts'
import { attempt } from './file-error.ts'
import type { FileSystem, OpenFile } from './file-system.ts'

/**
 * Also how much is read at once, without keeping the file open in between. A client that reads nothing holds
 * one or two pieces in the server's memory, and glibc keeps what 128 of them held.
 */
export const pieceSize = 256 * 1024

/**
 * Reads a range of a file piece by piece. The file is opened when the first piece is asked for and closed
 * when the reader stops, so that a body that is never read leaves no file open.
 */
export async function* readPieces(
  fileSystem: FileSystem,
  file: { path: string; doing: string },
  { start, end }: ByteRange,
): ByteStream {
  const handle = await attempt(file.doing, () => fileSystem.open(file.path, 'r'))
  try {
    for (let position = start; position < end; position += pieceSize) {
      const length = Math.min(pieceSize, end - position)
      yield await attempt(file.doing, () => readRange(handle, { start: position, end: position + length }))
    }
  } finally {
    await handle.close()
  }
}

/** Reads a range of an open file. */
export async function readRange(handle: OpenFile, { start, end }: ByteRange): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start)
  let offset = 0
  while (offset < bytes.length) {
    const { bytesRead } = await handle.read(bytes, offset, bytes.length - offset, start + offset)
    if (bytesRead === 0) {
      throw new TrackwayError(
        'integrity_error',
        `A stored file ends at byte ${start + offset}, before it should`,
      )
    }
    offset += bytesRead
  }
  return bytes
}

/** A body of bytes that are already in memory. */
export async function* givePiece(bytes: Uint8Array): ByteStream {
  if (bytes.length > 0) yield bytes
}
