import { TrackwayError } from '@trackway/protocol'
import type { ContentSource } from './content-source.ts'

const pieceBytes = 1024 * 1024

/** A Blob or File of the platform, read a mebibyte at a time. */
export function blobSource(blob: Blob, label: string): ContentSource {
  return {
    label,
    open: async () => ({
      size: blob.size,
      async *read(start, end) {
        const last = Math.min(end, blob.size)
        for (let from = start; from < last; from += pieceBytes) {
          const to = Math.min(from + pieceBytes, last)
          yield await readPiece(blob.slice(from, to), to - from, label)
        }
      },
      checkUnchanged: async () => {},
      close: async () => {},
    }),
  }
}

/** A Blob that represents a file on disk cannot be read after that file has changed. */
async function readPiece(blob: Blob, size: number, label: string): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(await blob.arrayBuffer())
    if (bytes.length === size) return bytes
  } catch (cause) {
    throw changed(label, cause)
  }
  throw changed(label)
}

function changed(label: string, cause?: unknown): TrackwayError {
  return new TrackwayError('file_changed', `Reading ${label}: its file changed or is gone; add it again`, {
    cause,
  })
}
