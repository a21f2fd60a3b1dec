import { basename } from 'node:path'
import { parsePath, TrackwayError } from '@trackway/protocol'
import type { LocalEntry } from '../../content/local-entry.ts'
import { fileSource } from '../files/file-source.ts'
import { absolute, look } from '../files/files.ts'
import { throwRefusals } from './refusals.ts'
import { walkFolder, type FolderFilter, type WalkedFile } from './walk-folder.ts'

interface PathOptions extends FolderFilter {
  /** The path of the entry; for a folder, the folder that its entries are placed in. */
  name: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * The entries for a file or a folder, which is listed now, and the empty folders in it. Throws
 * `file_not_found`, `file_unsupported`, `path_invalid`, and what walking throws.
 */
export async function addPath(
  content: string | URL,
  options: PathOptions,
): Promise<{ entries: LocalEntry[]; emptyFolders?: readonly string[] }> {
  const { name } = options
  const localPath = absolute(content)
  const facts = await look(localPath)
  if (facts === undefined) {
    throw new TrackwayError('file_not_found', `Adding ${localPath}: no such file or folder exists`, {
      details: { path: localPath },
    })
  }
  if (facts.kind === 'other') {
    throw new TrackwayError('file_unsupported', `Adding ${localPath}: it is not a regular file or a folder`, {
      details: { path: localPath },
    })
  }
  if (facts.kind === 'file') {
    const path = name ?? pathOfFile(localPath)
    return { entries: [fileEntry({ path, localPath, folder: localPath, ...facts })] }
  }
  const { files, refusals, emptyFolders } = await walkFolder(localPath, options)
  throwRefusals(localPath, refusals)
  const entries = files.map((file) => {
    const path = name === undefined ? file.path : parsePath(`${name}/${file.path}`)
    return fileEntry({ ...file, path, folder: localPath })
  })
  return { entries, emptyFolders }
}

function pathOfFile(localPath: string): string {
  try {
    return parsePath(basename(localPath).normalize('NFC'))
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    throw new TrackwayError(error.code, `Adding ${JSON.stringify(localPath)}: ${error.reason}`, {
      details: error.details,
      hint: { kind: 'option', options: ['name'], or: 'rename it' },
    })
  }
}

function fileEntry(file: WalkedFile & { folder: string }): LocalEntry {
  const { path, localPath, folder, size, executable, identity } = file
  const source = fileSource(localPath)
  return { kind: 'local', path, size, executable, identity, folder, source, origin: localPath }
}
