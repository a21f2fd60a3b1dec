import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import type { FileFacts } from './file-facts.ts'

/** One item of a folder. Links are not followed. */
export interface FolderItem {
  name: string
  kind: 'file' | 'folder' | 'link' | 'other'
  /**
   * For a name that is not UTF-8, so that no path leads to the item: its bytes as text, such as `caf\xe9`.
   */
  bytes?: string
  /** For a file, if it was inspected while the folder was listed. */
  facts?: FileFacts
}

export function itemOf(item: Dirent): FolderItem {
  return { name: item.name, kind: kindOf(item) }
}

/** Whether a name may represent bytes that are not UTF-8, which are read as U+FFFD. */
export function mayNotBeText({ name }: FolderItem): boolean {
  return name.includes('\uFFFD')
}

/** An item of a folder that was listed in bytes. */
export function itemOfBytes(item: Dirent<Buffer>): FolderItem {
  const name = item.name.toString()
  const kind = kindOf(item)
  return isUtf8(item.name) ? { name, kind } : { name, kind, bytes: textOf(item.name) }
}

function kindOf(item: Dirent | Dirent<Buffer>): FolderItem['kind'] {
  if (item.isFile()) return 'file'
  if (item.isDirectory()) return 'folder'
  return item.isSymbolicLink() ? 'link' : 'other'
}

function textOf(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`))
    .join('')
}
