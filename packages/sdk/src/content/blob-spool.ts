import { blobSource } from './blob-source.ts'
import type { Spool } from './content-source.ts'

/** A browser keeps large Blobs on disk; joined step by step, they do not stay in memory as pieces. */
export async function createSpool(label: string): Promise<Spool> {
  let blob = new Blob()
  return {
    write: async (bytes) => {
      blob = new Blob([blob, bytes.slice()])
    },
    finish: async () => blobSource(blob, label),
    discard: async () => {},
  }
}
