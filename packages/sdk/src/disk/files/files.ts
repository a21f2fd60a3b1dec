import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brandOf, demandText, messageOf, TrackwayError } from '@trackway/protocol'
import { localPath, systemCodeOf } from '@trackway/protocol/node'
import { fileError } from './file-error.ts'
import { factsOf, type FileFacts } from './file-facts.ts'
import { itemOf, itemOfBytes, mayNotBeText, type FolderItem } from './folder-items.ts'

/** Whether files have an executable bit. */
export const knowsExecutables = process.platform !== 'win32'

/** A path or a `file:` URL as an absolute path. */
export function absolute(path: string | URL): string {
  if (!isUrl(path)) return localPath(checkPath(demandText(path, 'A path', './data')))
  if (path.protocol !== 'file:') throw notLocal(path.href)
  try {
    return fileURLToPath(path)
  } catch (cause) {
    throw new TrackwayError(
      'file_unsupported',
      `${path.href} is not the URL of a local file: ${messageOf(cause)}`,
      {
        cause,
      },
    )
  }
}

function isUrl(path: unknown): path is URL {
  return brandOf(path) === 'URL'
}

/** A string in the form of a URL is hardly the name of a file. */
function checkPath(path: string): string {
  if (!/^(file:\/|[a-z][a-z0-9+.-]+:\/\/)/i.test(path)) return path
  if (!/^file:/i.test(path)) throw notLocal(path)
  throw new TrackwayError(
    'file_unsupported',
    `'${path}' is a URL in a string; pass new URL('${path}'), or the path of the file`,
  )
}

function notLocal(url: string): TrackwayError {
  return new TrackwayError(
    'file_unsupported',
    `${url} is not the URL of a local file; add it with addReference, or fetch it and add the body`,
  )
}

/** Whether an absolute path is a folder or is inside it. */
export function isWithin(path: string, folder: string): boolean {
  const between = relative(folder, path)
  return between === '' || (between !== '..' && !/^\.\.[/\\]/.test(between) && !isAbsolute(between))
}

/** What a path leads to after following links; undefined if it leads nowhere. */
export async function look(path: string): Promise<FileFacts | undefined> {
  const stats = await unlessAbsent(path, () => stat(path, { bigint: true }))
  return stats && factsOf(stats)
}

/** The real path of a path; undefined if a link on the way leads nowhere. */
export function realPathOf(path: string): Promise<string | undefined> {
  return unlessAbsent(path, () => realpath(path))
}

/** The target of a symbolic link. */
export async function readLink(path: string): Promise<string> {
  return (await unlessAbsent(path, () => readlink(path))) ?? ''
}

/** A small text file; undefined if there is none. */
export function readText(path: string): Promise<string | undefined> {
  return unlessAbsent(path, () => readFile(path, 'utf8'))
}

async function unlessAbsent<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    // A loop of links leads nowhere, like a link whose target is gone.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return undefined
    throw fileError(error, 'Reading', path)
  }
}

/** The items of a folder. */
export async function list(folder: string): Promise<FolderItem[]> {
  try {
    const items = (await readdir(folder, { withFileTypes: true })).map(itemOf)
    if (!items.some(mayNotBeText)) return items
    return (await readdir(folder, { withFileTypes: true, encoding: 'buffer' })).map(itemOfBytes)
  } catch (error) {
    throw fileError(error, 'Reading the folder', folder)
  }
}
