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
        for (let from = start; from < end; from += pieceBytes) {
          yield await readPiece(blob.slice(from, Math.min(from + pieceBytes, end)), label)
        }
      },
      checkUnchanged: async () => {},
      close: async () => {},
    }),
  }
}

/** A Blob that stands for a file on disk cannot be read once that file has changed. */
async function readPiece(blob: Blob, label: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer())
  } catch (cause) {
    throw new TrackwayError('file_changed', `Reading ${label}: its file changed or is gone; add it again`, {
      cause,
    })
  }
}
