import { TrackwayError } from '@trackway/protocol'
import { fileSystem } from '#platform'

const said = new Set<string>()
/** What the system says of a folder in which nothing can be put, whatever its own code is called. */
const unwritableCodes: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])

/** Says once that the assets directory belongs to another user, who decides what is found there. */
export async function noteForeignDirectory(print: (text: string) => void): Promise<void> {
  const folder = fileSystem.assetsDirectory()
  if (said.has(folder) || !(await fileSystem.stored.isForeign(folder))) return
  said.add(folder)
  print(
    `The assets directory ${folder} belongs to another user, who can change what is found there; set TRACKWAY_ASSETS_DIR to a folder of your own unless you trust that user`,
  )
}

/** An error of the file system as one that names the variable that says where the assets directory is. */
export function unwritable(error: unknown): unknown {
  if (!TrackwayError.isInstance(error) || error.details['systemCode'] === undefined) return error
  const { code, reason, hint, details } = error
  return new TrackwayError(
    unwritableCodes.has(details['systemCode']) ? 'file_error' : code,
    `${reason}. TRACKWAY_ASSETS_DIR can name another folder`,
    { cause: error, details, hint },
  )
}
