import { TrackwayError } from '@trackway/protocol'
import { loadPart } from './load-part.ts'

/** What works with files on a disk. Throws `file_unsupported` in a browser, which has none. */
export async function loadDisk() {
  const { disk } = await loadPart(() => import('#disk'))
  if (disk !== undefined) return disk
  throw new TrackwayError(
    'file_unsupported',
    'Browsers have no files that can be named by a path: add a File, a Blob, bytes or a stream; read entries by text(), bytes() or stream(), and versions by archive().blob()',
  )
}
