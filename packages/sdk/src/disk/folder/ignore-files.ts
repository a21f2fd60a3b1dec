import { join } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import type { FolderItem } from '../files/folder-items.ts'
import { gatherBytes } from '../../content/byte-pieces.ts'
import { readContent } from '../../content/content-source.ts'
import type { IgnoreFiles } from './ignore-rules.ts'
import { fileSource } from '../files/file-source.ts'
import { look, readLink } from '../files/files.ts'

/** Names a folder's own ignore file. */
export const ignoreFile = '.trackwayignore'
const gitIgnoreFile = '.gitignore'
/** Bytes. A file with more is not a list of patterns. */
const largestIgnoreFile = 4 * 1024 * 1024

/**
 * Reads the ignore files of a folder. An unreadable ignore file would exclude nothing, so it is refused by
 * name: throws `link_refused`, `file_unsupported`, `file_error`.
 */
export async function readIgnoreFiles(
  folder: string,
  items: readonly FolderItem[],
  { gitignore }: { gitignore: boolean },
): Promise<IgnoreFiles> {
  const read = async (name: string) => {
    const item = items.find((each) => each.name === name)
    return item === undefined ? undefined : readIgnoreFile(join(folder, name), item.kind)
  }
  return { git: gitignore ? await read(gitIgnoreFile) : undefined, own: await read(ignoreFile) }
}

async function readIgnoreFile(path: string, kind: FolderItem['kind']): Promise<string> {
  // Only files are opened: a pipe would wait for its writer.
  const facts = await look(path)
  if (facts === undefined && kind === 'link') {
    const leadsTo = await readLink(path)
    throw refused(path, `is a link to ${leadsTo}, which does not exist`, 'link_refused')
  }
  const target = facts?.kind ?? kind
  if (target !== 'file') throw refused(path, `is not a file but ${nounOf[target]}`)
  if ((facts?.size ?? 0) > largestIgnoreFile) throw refused(path, `has more than ${largestIgnoreFile} bytes`)
  const bytes = await gatherBytes(readContent(fileSource(path)))
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Bytes that are not text.
  }
  throw refused(path, 'is not UTF-8 text, or UTF-16 text with a byte-order mark')
}

const nounOf = { folder: 'a folder', other: 'a pipe, socket or device', link: 'a link' } as const

/** As editors and PowerShell write it: UTF-16 begins with a byte-order mark. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

function refused(
  path: string,
  why: string,
  code: 'file_unsupported' | 'link_refused' = 'file_unsupported',
): TrackwayError {
  return new TrackwayError(
    code,
    `The ignore file ${path} ${why}, so it would exclude nothing; repair or remove it`,
    { details: { path } },
  )
}
