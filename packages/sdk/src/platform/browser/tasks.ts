import { TrackwayError } from '@trackway/protocol'
import { chunkTasks } from '../chunk-tasks.ts'
import { createSoloCrew } from '../solo-crew.ts'
import type { Crew, Tasks } from '../tasks.ts'

function refuse(): never {
  throw new TrackwayError('file_unsupported', 'Browsers have no files that can be named by a path')
}

const tasks: Tasks = {
  ...chunkTasks,
  listFolder: refuse,
  readSmallFiles: refuse,
  openFile: refuse,
  readPiece: refuse,
  finishFile: refuse,
  abandonFile: refuse,
  beginDigest: refuse,
  digestMore: refuse,
  endDigest: refuse,
  writePieces: refuse,
  copyFile: refuse,
}

/** A browser does all work on the page's thread, with pauses for the page's own work. */
export function openCrew(_work: { bytes: number; files: number }): Promise<Crew> {
  return Promise.resolve(createSoloCrew(tasks))
}
