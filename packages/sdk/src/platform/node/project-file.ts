import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { fileFailure, systemCodeOf } from '@trackway/protocol/node'
import type { ProjectFile } from '../environment.ts'

const fileName = 'trackway.json'

/** The project's configuration file: the nearest one at or above this folder. Throws `config_invalid`. */
export async function readProjectFile(): Promise<ProjectFile | undefined> {
  const path = findProjectFile()
  if (path === undefined) return undefined
  try {
    const [text, { uid, mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const me = process.getuid?.()
    const isOwn = me === undefined || ((uid === me || uid === 0) && (mode & 0o002) === 0)
    return { path, text, isOwn }
  } catch (error) {
    throw failure(path, 'read', error)
  }
}

/** Writes the project's configuration file, which is created in the current folder if there is none. */
export async function writeProjectFile(text: string): Promise<string> {
  const path = findProjectFile() ?? join(process.cwd(), fileName)
  try {
    await writeFile(path, text)
    return path
  } catch (error) {
    throw failure(path, 'written', error)
  }
}

function findProjectFile(): string | undefined {
  for (let folder = currentFolder(); folder !== undefined; ) {
    const path = join(folder, fileName)
    if (existsSync(path)) return path
    const parent = dirname(folder)
    folder = parent === folder ? undefined : parent
  }
  return undefined
}

/** Undefined if it was deleted. */
function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

function failure(path: string, attempted: string, error: unknown): TrackwayError {
  const reason = fileFailure(systemCodeOf(error) ?? '')?.reason ?? String(error)
  return new TrackwayError(
    'config_invalid',
    `The project's configuration file ${path} cannot be ${attempted}: ${reason}; check its owner and permissions`,
    { cause: error },
  )
}
