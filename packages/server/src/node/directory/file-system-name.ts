import { dirname } from 'node:path'
import { mountedFolders } from '@trackway/protocol/node'

/** The kind of file system that a path is on, such as `exfat`; undefined if the system does not report it. */
export async function fileSystemNameOf(path: string): Promise<string | undefined> {
  const mounted = await mountedFolders()
  for (let folder = path; ; folder = dirname(folder)) {
    const name = mounted.get(folder)
    if (name !== undefined || folder === dirname(folder)) return name
  }
}
