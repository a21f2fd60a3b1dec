import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The folder of the programs that install.sh builds or downloads. */
const installed = join(
  process.env['TRACKWAY_S3_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trackway-s3'),
  'bin',
)

/** The path of a program that install.sh installed or that is in PATH; undefined if there is none. */
export function findProgram(name: string): string | undefined {
  const folders = [installed, ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
