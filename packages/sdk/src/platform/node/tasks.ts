import { chunkTasks } from '../chunk-tasks.ts'
import type { Tasks } from '../tasks.ts'
import { copyFile } from './tasks/copy-file.ts'
import { beginDigest, digestMore, endDigest } from './tasks/digest-file.ts'
import { listFolder } from './tasks/list-folder.ts'
import { abandonFile, finishFile, openFile, readPiece } from './tasks/open-files.ts'
import { readSmallFiles } from './tasks/read-small-files.ts'
import { writePieces } from './tasks/write-pieces.ts'

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
