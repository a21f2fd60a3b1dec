// The parts that are loaded when they are first needed. Everything else is loaded at once.
// docs/decisions/browser-size.md says why, and `pnpm size` measures both.
import { TrackwayError } from '@trackway/protocol'

/** Sessions and runs: from the first login on. */
export const loadSession = part(() => import('./session.ts'))
/** Finding versions, and reading what they contain, file by file or as an archive. */
export const loadReading = part(() => import('./reading.ts'))
/** Adding, uploading and pushing. */
export const loadUploading = part(() => import('./uploading.ts'))
/** Differences and checksums. */
export const loadComparing = part(() => import('./comparing.ts'))
/** Why a request failed, and answers that are long or wrong. */
export const loadExplaining = part(() => import('./explaining.ts'))
/** Globs of `include` and `exclude`. */
export const loadGlobs = part(() => import('picomatch/posix.js'))

const loadDoor = part(() => import('#disk'))

/** What works with files on a disk. Throws `file_unsupported` in a browser, which has none. */
export async function loadDisk() {
  const { disk } = await loadDoor()
  if (disk !== undefined) return disk
  throw new TrackwayError(
    'file_unsupported',
    'Browsers have no files that can be named by a path: add a File, a Blob, bytes or a stream; read entries by text(), bytes() or stream(), and versions by archive().blob()',
  )
}

/** Loads a part once: all calls that wait for it resume together. */
function part<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let loading: Promise<Part> | undefined
  return () => {
    loading ??= loadPart(load).catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}

/** Throws `network_error` if a browser cannot fetch a part. */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load()
  } catch (error) {
    throw new TrackwayError(
      'network_error',
      'A part of @trackway/sdk could not be loaded; check the network and that all files of the application are deployed, then reload it',
      { cause: error },
    )
  }
}
