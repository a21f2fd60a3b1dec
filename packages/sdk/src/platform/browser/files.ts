import { TrackwayError } from '@trackway/protocol'
import { blobSource } from '../../content/blob-source.ts'
import type { FileSystem } from '../file-system.ts'

function refuse(): never {
  throw new TrackwayError(
    'file_unsupported',
    'Browsers have no files that can be named by a path: add a File, a Blob, bytes or a stream; read entries by text(), bytes() or stream(), and versions by archive().blob()',
  )
}

/** Browsers have no file system with paths. A stream that is too large for memory becomes a Blob. */
export const fileSystem: FileSystem = {
  knowsExecutables: false,
  absolute: refuse,
  join: refuse,
  baseName: refuse,
  isWithin: refuse,
  look: async () => refuse(),
  list: async () => refuse(),
  realPath: async () => refuse(),
  readLink: async () => refuse(),
  readText: async () => refuse(),
  source: refuse,
  assetsDirectory: refuse,
  stored: {
    usedAt: async () => refuse(),
    haveSizes: async () => refuse(),
    isForeign: async () => refuse(),
    noteUse: async () => refuse(),
    remove: async () => refuse(),
    measure: async () => refuse(),
  },
  isStagingName: () => false,
  tryLock: async () => refuse(),
  isOwnLink: async () => refuse(),
  isVacant: async () => refuse(),
  openStaging: async () => refuse(),
  settleStaging: async () => refuse(),
  removeStaging: async () => refuse(),
  async createSpool(label) {
    // A browser keeps large Blobs on disk; joined step by step, they do not stay in memory as pieces.
    let blob = new Blob()
    return {
      write: async (bytes) => {
        blob = new Blob([blob, bytes.slice()])
      },
      finish: async () => blobSource(blob, label),
      discard: async () => {},
    }
  },
}
