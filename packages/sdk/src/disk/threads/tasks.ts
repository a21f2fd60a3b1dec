import { chunkTasks } from '../../tasks/chunk-tasks.ts'
import type { Tasks } from '../../tasks/tasks.ts'
import { copyFile } from './copy-file.ts'
import { beginDigest, digestMore, endDigest } from './digest-file.ts'
import { listFolder } from './list-folder.ts'
import { abandonFile, finishFile, openFile, readPiece } from './open-files.ts'
import { readSmallFiles } from './read-small-files.ts'
import { writePieces } from './write-pieces.ts'

/** All tasks, as they are done in the thread that loads this. */
export const tasks: Tasks = {
  ...chunkTasks,
  listFolder,
  readSmallFiles,
  openFile,
  readPiece,
  finishFile,
  abandonFile,
  beginDigest,
  digestMore,
  endDigest,
  writePieces,
  copyFile,
}
