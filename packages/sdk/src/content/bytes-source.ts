import { TrackwayError } from '@trackway/protocol'
import type { ContentSource } from './content-source.ts'

/**
 * Bytes in memory. They are not copied: the caller must not change them until they are stored. Throws
 * `option_invalid` for bytes whose memory was transferred, for example to a worker: they are empty.
 */
export function bytesSource(bytes: Uint8Array, label: string): ContentSource {
  refuseTransferred(bytes.buffer, label)
  return {
    label,
    async open() {
      refuseTransferred(bytes.buffer, label)
      return {
        size: bytes.length,
        async *read(start, end) {
          yield bytes.subarray(start, end)
        },
        checkUnchanged: async () => {},
        close: async () => {},
      }
    },
  }
}

/** Throws `option_invalid` for memory that was transferred. */
export function refuseTransferred(memory: ArrayBufferLike, label: string): void {
  if (!('detached' in memory) || !memory.detached) return
  throw new TrackwayError(
    'option_invalid',
    `Adding ${label}: their memory was transferred, for example to a worker, so they are empty; pass a copy, bytes.slice()`,
  )
}
