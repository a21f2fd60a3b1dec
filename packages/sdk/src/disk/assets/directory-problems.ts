import { TrackwayError } from '@trackway/protocol'
import { assetsDirectory } from '../folder/assets-directory.ts'
import { isForeign } from '../files/stored-folders.ts'

const said = new Set<string>()
/** System codes of a folder that cannot be written to, whatever code the error itself has. */
const unwritableCodes: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])

/** Reports once that the assets directory belongs to another user, who controls its content. */
export async function noteForeignDirectory(print: (text: string) => void): Promise<void> {
  const folder = assetsDirectory()
  if (said.has(folder) || !(await isForeign(folder))) return
  said.add(folder)
  print(
    `The assets directory ${folder} belongs to another user, who can change its content; set TRACKWAY_ASSETS_DIR to a folder of your own unless you trust that user`,
  )
}

/** A file system error that also names the variable for the assets directory. */
export function unwritable(error: unknown): unknown {
  if (!TrackwayError.isInstance(error) || error.details['systemCode'] === undefined) return error
  const { code, reason, hint, details } = error
  return new TrackwayError(
    unwritableCodes.has(details['systemCode']) ? 'file_error' : code,
    `${reason}. Set TRACKWAY_ASSETS_DIR to use another folder`,
    { cause: error, details, hint },
  )
}
