import { link, mkdir, open, readdir, stat, unlink } from 'node:fs/promises'

/**
 * All that a directory store does to files. It is passed in, so that a test can play a power loss, a full disk or a
 * file system without hard links.
 */
export interface FileSystem {
  /** Opens a file, or a folder to flush it, for reading (`r`), or makes a file that must not exist (`wx`). */
  open(path: string, flags: 'r' | 'wx'): Promise<OpenFile>
  stat(path: string): Promise<FileStats>
  /** Gives a file a second name, which must be free: the one atomic step that every put hangs on. */
  link(existing: string, added: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Makes one folder in a folder that exists. */
  mkdir(path: string): Promise<void>
  readdir(path: string): Promise<FolderEntry[]>
}

export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  /** Writes pieces one behind the other from the given position on, maybe not all of them. */
  writev(pieces: Uint8Array[], position: number): Promise<{ bytesWritten: number }>
  /** Makes what was written so far, or the names in a folder, survive a power loss. */
  sync(): Promise<void>
  stat(): Promise<FileStats>
  close(): Promise<void>
}

export interface FileStats {
  size: number
  ino: number
  /** How many names the file has. */
  nlink: number
  mtimeMs: number
  ctimeMs: number
  isFile(): boolean
}

export interface FolderEntry {
  name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

export const nodeFileSystem: FileSystem = {
  open: (path, flags) => open(path, flags),
  stat: (path) => stat(path),
  link,
  unlink,
  mkdir: (path) => mkdir(path),
  readdir: (path) => readdir(path, { withFileTypes: true }),
}
